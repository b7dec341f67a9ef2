// Where partitions report to main. Implemented by the strait. Every call may come from any thread, copies what it is given and does not block.
#pragma once
#include "plane/abi.gen.h"

namespace milena {

class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void led(const abi::LedEvent& event) = 0;
  virtual void done(const abi::DoneEvent& event) = 0;
  virtual void appended(const abi::AppendedEvent& event) = 0;
  virtual void read_done(const abi::ReadDoneEvent& event) = 0;
  virtual void queried(const abi::QueriedEvent& event) = 0;
  virtual void dirty(const abi::DirtyEvent& event) = 0;
  virtual void cleaning_planned(const abi::CleaningPlannedEvent& event) = 0;
  virtual void high_watermark(const abi::HighWatermarkEvent& event) = 0;
  virtual void failed(const abi::FailedEvent& event) = 0;
  virtual void notice(const abi::NoticeEvent& event) = 0;
};

}  // namespace milena
