// The addon: the data plane's functions for JavaScript, as src/dataplane/load.ts declares them. All state hangs off the environment, so
// that several environments (worker threads) and several planes in each live beside each other.
// Thread: the environment's, except for the bell.
#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "napi/cleaning.h"
#include "napi/napi_values.h"
#include "plane/data_plane.h"

namespace milena::napi {

namespace {

// One plane as JavaScript holds it. Lives until its external value is collected.
struct Handle {
  napi_env env = nullptr;
  napi_threadsafe_function bell = nullptr;
  std::unique_ptr<DataPlane> plane;
};

// The handles of one environment: a value is a plane if it is one of them.
struct Environment {
  std::vector<Handle*> handles;
};

// Ends the threads before anything they use goes away: the environment may end without close().
void end_plane(void* data) {
  auto* handle = static_cast<Handle*>(data);
  if (handle->plane) handle->plane->close_now();
  handle->plane.reset();
}

void release(Handle& handle) {
  if (!handle.plane) return;
  end_plane(&handle);
  static_cast<void>(ok(napi_remove_env_cleanup_hook(handle.env, end_plane, &handle)));
  static_cast<void>(ok(napi_release_threadsafe_function(handle.bell, napi_tsfn_release)));
}

void collect(napi_env env, void* data, void*) {
  std::unique_ptr<Handle> handle(static_cast<Handle*>(data));
  release(*handle);
  void* environment = nullptr;
  if (ok(napi_get_instance_data(env, &environment)) && environment != nullptr)
    std::erase(static_cast<Environment*>(environment)->handles, handle.get());
}

const char* name_of(FailureCode code) {
  switch (code) {
    case FailureCode::none: return "";
    case FailureCode::locked: return "LOCKED";
    case FailureCode::io: return "IO";
    case FailureCode::port_in_use: return "PORT_IN_USE";
    case FailureCode::address: return "ADDRESS";
    case FailureCode::misuse: return "MISUSE";
  }
  return "IO";
}

napi_value make_outcome(napi_env env, const PlaneFailure& failure, int64_t value, napi_value plane) {
  napi_value object = nullptr;
  if (!ok(napi_create_object(env, &object))) return nullptr;
  if (!set(env, object, "code", make_string(env, name_of(failure.code))) || !set(env, object, "errno", make_number(env, failure.error_number)) ||
      !set(env, object, "message", make_string(env, failure.message)) || !set(env, object, "value", make_number(env, value)))
    return nullptr;
  if (plane != nullptr && !set(env, object, "plane", plane)) return nullptr;
  return object;
}

template <size_t count>
bool arguments(napi_env env, napi_callback_info info, std::array<napi_value, count>& values) {
  size_t given = count;
  return ok(napi_get_cb_info(env, info, &given, values.data(), nullptr, nullptr)) && given >= count;
}

// Null: not a plane of this environment.
Handle* handle_of(napi_env env, napi_value value) {
  napi_valuetype type = napi_undefined;
  void* data = nullptr;
  void* environment = nullptr;
  if (!ok(napi_typeof(env, value, &type)) || type != napi_external || !ok(napi_get_value_external(env, value, &data)) ||
      !ok(napi_get_instance_data(env, &environment)) || environment == nullptr)
    return nullptr;
  const auto& handles = static_cast<Environment*>(environment)->handles;
  const auto found = std::find(handles.begin(), handles.end(), data);
  return found == handles.end() ? nullptr : *found;
}

// Calls main's drain. What it throws is an uncaught exception like any other: Node itself would only print a deprecation warning.
void ring(napi_env env, napi_value bell, void*, void*) {
  if (env == nullptr) return;  // the environment is ending
  napi_value undefined = nullptr;
  napi_value error = nullptr;
  if (!ok(napi_get_undefined(env, &undefined))) return;
  if (napi_call_function(env, undefined, bell, 0, nullptr, nullptr) != napi_pending_exception) return;
  if (ok(napi_get_and_clear_last_exception(env, &error))) static_cast<void>(ok(napi_fatal_exception(env, error)));
}

napi_value open(napi_env env, napi_callback_info info) {
  std::array<napi_value, 2> args{};
  MutableBytes encoded;
  napi_valuetype type = napi_undefined;
  if (!arguments(env, info, args) || !bytes_of(env, args[0], encoded) || !ok(napi_typeof(env, args[1], &type)) || type != napi_function)
    return throw_type_error(env, "open(options: Uint8Array, bell: () => void)");
  abi::Options options;
  abi::AbiReader from(encoded);
  if (!read(from, options) || from.left() != 0) return throw_type_error(env, "open: these bytes are no options");

  auto handle = std::make_unique<Handle>();
  handle->env = env;
  if (!ok(napi_create_threadsafe_function(env, args[1], nullptr, make_string(env, "milena"), 0, 1, nullptr, nullptr, nullptr, ring,
                                          &handle->bell)))
    return nullptr;
  PlaneFailure failure;
  handle->plane = DataPlane::open(
      options, [bell = handle->bell] { static_cast<void>(ok(napi_call_threadsafe_function(bell, nullptr, napi_tsfn_nonblocking))); }, failure);
  if (!handle->plane) {
    static_cast<void>(ok(napi_release_threadsafe_function(handle->bell, napi_tsfn_abort)));
    return make_outcome(env, failure, 0, nullptr);
  }
  void* environment = nullptr;
  napi_value external = nullptr;
  if (!ok(napi_get_instance_data(env, &environment)) || !ok(napi_add_env_cleanup_hook(env, end_plane, handle.get()))) return nullptr;
  if (!ok(napi_create_external(env, handle.get(), collect, nullptr, &external))) {
    release(*handle);
    return nullptr;
  }
  static_cast<Environment*>(environment)->handles.push_back(handle.get());
  handle.release();
  return make_outcome(env, failure, 0, external);
}

napi_value listen(napi_env env, napi_callback_info info) {
  std::array<napi_value, 4> args{};
  std::string host;
  uint32_t port = 0;
  bool fast_path = false;
  if (!arguments(env, info, args) || !string_of(env, args[1], host) || !ok(napi_get_value_uint32(env, args[2], &port)) || port > UINT16_MAX ||
      !ok(napi_get_value_bool(env, args[3], &fast_path)))
    return throw_type_error(env, "listen(plane, host: string, port: number, fastPath: boolean)");
  Handle* handle = handle_of(env, args[0]);
  if (handle == nullptr) return throw_type_error(env, "listen: not a data plane");
  PlaneFailure failure{FailureCode::misuse, 0, "the data plane is closed"};
  uint16_t bound = 0;
  if (handle->plane) {
    failure = {};
    bound = handle->plane->listen(host, static_cast<uint16_t>(port), fast_path, failure);
  }
  return make_outcome(env, failure, bound, nullptr);
}

napi_value submit(napi_env env, napi_callback_info info) {
  std::array<napi_value, 2> args{};
  MutableBytes commands;
  if (!arguments(env, info, args) || !bytes_of(env, args[1], commands)) return throw_type_error(env, "submit(plane, commands: Uint8Array)");
  Handle* handle = handle_of(env, args[0]);
  if (handle == nullptr) return throw_type_error(env, "submit: not a data plane");
  return make_bool(env, handle->plane && handle->plane->submit(commands));
}

napi_value drain(napi_env env, napi_callback_info info) {
  std::array<napi_value, 2> args{};
  MutableBytes into;
  if (!arguments(env, info, args) || !bytes_of(env, args[1], into)) return throw_type_error(env, "drain(plane, into: Uint8Array)");
  Handle* handle = handle_of(env, args[0]);
  if (handle == nullptr) return throw_type_error(env, "drain: not a data plane");
  return make_number(env, handle->plane ? handle->plane->drain(into) : 0);
}

napi_value read_counters(napi_env env, napi_callback_info info) {
  std::array<napi_value, 2> args{};
  std::span<int64_t> cells;
  if (!arguments(env, info, args) || !int64s_of(env, args[1], cells)) return throw_type_error(env, "readCounters(plane, into: BigInt64Array)");
  Handle* handle = handle_of(env, args[0]);
  if (handle == nullptr) return throw_type_error(env, "readCounters: not a data plane");
  if (handle->plane) handle->plane->counters().copy(cells);
  return nullptr;
}

// The first call begins to close; the one after `stopped` was drained finds every thread ended and lets go of the bell.
napi_value close(napi_env env, napi_callback_info info) {
  std::array<napi_value, 1> args{};
  if (!arguments(env, info, args)) return throw_type_error(env, "close(plane)");
  Handle* handle = handle_of(env, args[0]);
  if (handle == nullptr) return throw_type_error(env, "close: not a data plane");
  if (!handle->plane) return nullptr;
  if (handle->plane->stopped()) release(*handle);
  else handle->plane->begin_close();
  return nullptr;
}

napi_value hold(napi_env env, napi_callback_info info) {
  std::array<napi_value, 2> args{};
  bool alive = false;
  if (!arguments(env, info, args) || !ok(napi_get_value_bool(env, args[1], &alive))) return throw_type_error(env, "hold(plane, alive: boolean)");
  Handle* handle = handle_of(env, args[0]);
  if (handle == nullptr) return throw_type_error(env, "hold: not a data plane");
  if (!handle->plane) return nullptr;
  static_cast<void>(ok(alive ? napi_ref_threadsafe_function(env, handle->bell) : napi_unref_threadsafe_function(env, handle->bell)));
  return nullptr;
}

napi_value init(napi_env env, napi_value exports) {
  auto environment = std::make_unique<Environment>();
  const auto forget = [](napi_env, void* data, void*) { delete static_cast<Environment*>(data); };
  if (!ok(napi_set_instance_data(env, environment.get(), forget, nullptr))) return nullptr;
  environment.release();
  const auto function = [](const char* name, napi_callback run) {
    return napi_property_descriptor{name, nullptr, run, nullptr, nullptr, nullptr, napi_default, nullptr};
  };
  const std::array<napi_property_descriptor, 8> functions{
      function("open", open),   function("listen", listen), function("submit", submit), function("drain", drain),
      function("readCounters", read_counters), function("close", close), function("hold", hold), function("cleanLog", clean_log)};
  napi_value digest = nullptr;
  if (!ok(napi_create_string_latin1(env, abi::digest, NAPI_AUTO_LENGTH, &digest)) || !ok(napi_set_named_property(env, exports, "abi", digest))) return nullptr;
  return ok(napi_define_properties(env, exports, functions.size(), functions.data())) ? exports : nullptr;
}

}  // namespace

}  // namespace milena::napi

NAPI_MODULE_INIT() { return milena::napi::init(env, exports); }
