// Events of the partition side on their way to main. Thread: any.
#pragma once
#include "plane/event_mailbox.h"
#include "plane/event_sink.h"

namespace milena {

class Strait final : public EventSink {
 public:
  explicit Strait(EventMailbox& mailbox) : mailbox_(mailbox) {}
  void led(const abi::LedEvent& event) override { mailbox_.post(event); }
  void done(const abi::DoneEvent& event) override { mailbox_.post(event); }
  void appended(const abi::AppendedEvent& event) override { mailbox_.post(event); }
  void read_done(const abi::ReadDoneEvent& event) override { mailbox_.post(event); }
  void queried(const abi::QueriedEvent& event) override { mailbox_.post(event); }
  void dirty(const abi::DirtyEvent& event) override { mailbox_.post(event); }
  void cleaning_planned(const abi::CleaningPlannedEvent& event) override { mailbox_.post(event); }
  void high_watermark(const abi::HighWatermarkEvent& event) override { mailbox_.post(event); }
  void failed(const abi::FailedEvent& event) override { mailbox_.post(event); }
  void notice(const abi::NoticeEvent& event) override { mailbox_.post(event); }

 private:
  EventMailbox& mailbox_;
};

}  // namespace milena
