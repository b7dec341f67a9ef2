#include "napi/cleaning.h"

#include <atomic>
#include <string>
#include <system_error>

#include "log/cleaning_pacer.h"
#include "napi/napi_values.h"
#include "os/background_thread.h"
#include "os/posix_file.h"
#include "plane/cleaning_codec.h"

namespace milena::napi {

namespace {

constexpr size_t argument_count = 4;

// The first cell of an Int32Array.
bool cell_of(napi_env env, napi_value value, int32_t*& cell) {
  bool typed = false;
  if (!ok(napi_is_typedarray(env, value, &typed)) || !typed) return false;
  napi_typedarray_type type = napi_int8_array;
  size_t length = 0;
  void* data = nullptr;
  if (!ok(napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr)) || type != napi_int32_array || length == 0) return false;
  cell = static_cast<int32_t*>(data);
  return true;
}

napi_value make_bytes(napi_env env, const std::vector<std::byte>& bytes) {
  napi_value buffer = nullptr;
  napi_value array = nullptr;
  void* data = nullptr;
  if (!ok(napi_create_arraybuffer(env, bytes.size(), &data, &buffer))) return nullptr;
  std::copy(bytes.begin(), bytes.end(), static_cast<std::byte*>(data));
  return ok(napi_create_typedarray(env, napi_uint8_array, bytes.size(), buffer, 0, &array)) ? array : nullptr;
}

abi::CleaningStatus status_of(Status status) {
  switch (status.code) {
    case Errc::ok: return abi::CleaningStatus::done;
    case Errc::cancelled:
    case Errc::not_found: return abi::CleaningStatus::cancelled;  // its files are gone: retention, or the partition itself
    case Errc::corrupt:
    case Errc::out_of_range: return abi::CleaningStatus::corrupt;
    case Errc::would_wait:
    case Errc::locked:
    case Errc::closed:
    case Errc::io: break;
  }
  return abi::CleaningStatus::failed;
}

std::vector<std::byte> encode_result(const Result<CleaningOutcome>& outcome, const std::string& failure) {
  abi::CleaningResult result;
  const std::string message = outcome ? "" : !failure.empty() ? failure : std::generic_category().message(outcome.why().cause);
  result.status = status_of(outcome.why());
  result.errno_ = outcome.why().cause;
  result.message = message;
  if (outcome) {
    result.clean_end = outcome->clean_end.value;
    result.map_full = outcome->map_full;
    result.keys = static_cast<int64_t>(outcome->keys);
    result.bytes_read = static_cast<int64_t>(outcome->bytes_read);
    result.bytes_before = static_cast<int64_t>(outcome->bytes_before);
    result.bytes_after = static_cast<int64_t>(outcome->bytes_after);
    result.records_removed = static_cast<int64_t>(outcome->records_removed);
  }
  std::vector<std::byte> bytes;
  abi::AbiWriter to(bytes);
  write(to, result);
  return bytes;
}

}  // namespace

napi_value clean_log(napi_env env, napi_callback_info info) {
  size_t given = argument_count;
  napi_value args[argument_count] = {};
  MutableBytes plan;
  MutableBytes encoded_task;
  int32_t* cancel = nullptr;
  napi_valuetype type = napi_undefined;
  if (!ok(napi_get_cb_info(env, info, &given, args, nullptr, nullptr)) || given < argument_count || !bytes_of(env, args[0], plan) ||
      !bytes_of(env, args[1], encoded_task) || !cell_of(env, args[2], cancel) || !ok(napi_typeof(env, args[3], &type)) || type != napi_function) {
    return throw_type_error(env, "cleanLog(plan: Uint8Array, task: Uint8Array, cancel: Int32Array, cleaned: (group: Uint8Array) => void)");
  }
  become_background_thread();
  abi::AbiReader from(encoded_task);
  abi::CleaningTask task;
  if (!read(from, task) || from.left() != 0) return throw_type_error(env, "cleanLog: these bytes are no task");
  const auto job = decode_job(plan, task);
  if (!job) return throw_type_error(env, "cleanLog: these bytes are no plan");

  const auto cancelled = [cancel] { return std::atomic_ref<int32_t>(*cancel).load(std::memory_order_acquire) != 0; };
  CleaningPacer pacer(task.bytes_per_second, cancelled);
  const auto cleaned = [&](const CleanedGroup& group) {
    napi_value undefined = nullptr;
    napi_value argument = make_bytes(env, encode_group(group));
    return argument != nullptr && ok(napi_get_undefined(env, &undefined)) && ok(napi_call_function(env, undefined, args[3], 1, &argument, nullptr));
  };
  PosixFileSystem files;
  LogCleaner cleaner(files, *job, {cancelled, [&pacer](uint64_t bytes) { pacer.pace(bytes); }, cleaned});
  const auto outcome = cleaner.run();
  return make_bytes(env, encode_result(outcome, cleaner.failure()));
}

}  // namespace milena::napi
