// The few conversions the addon needs. A napi call that fails here means a JavaScript exception is pending or the environment is ending;
// both are answered by returning to JavaScript at once.
#pragma once
#include <node_api.h>

#include <cstdint>
#include <string>

#include "base/types.h"

namespace milena::napi {

// The one place where statuses are looked at.
inline bool ok(napi_status status) { return status == napi_ok; }

inline napi_value throw_type_error(napi_env env, const char* message) {
  static_cast<void>(ok(napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", message)));
  return nullptr;
}

// The bytes of a Uint8Array, borrowed for the call.
inline bool bytes_of(napi_env env, napi_value value, MutableBytes& bytes) {
  bool typed = false;
  if (!ok(napi_is_typedarray(env, value, &typed)) || !typed) return false;
  napi_typedarray_type type = napi_int8_array;
  size_t length = 0;
  void* data = nullptr;
  if (!ok(napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr)) || type != napi_uint8_array) return false;
  bytes = {static_cast<std::byte*>(data), length};
  return true;
}

inline bool int64s_of(napi_env env, napi_value value, std::span<int64_t>& cells) {
  bool typed = false;
  if (!ok(napi_is_typedarray(env, value, &typed)) || !typed) return false;
  napi_typedarray_type type = napi_int8_array;
  size_t length = 0;
  void* data = nullptr;
  if (!ok(napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr)) || type != napi_bigint64_array) return false;
  cells = {static_cast<int64_t*>(data), length};
  return true;
}

inline bool string_of(napi_env env, napi_value value, std::string& text) {
  size_t length = 0;
  if (!ok(napi_get_value_string_utf8(env, value, nullptr, 0, &length))) return false;
  text.resize(length + 1);
  if (!ok(napi_get_value_string_utf8(env, value, text.data(), text.size(), &length))) return false;
  text.resize(length);
  return true;
}

inline napi_value make_string(napi_env env, const std::string& text) {
  napi_value value = nullptr;
  return ok(napi_create_string_utf8(env, text.data(), text.size(), &value)) ? value : nullptr;
}

inline napi_value make_number(napi_env env, int64_t number) {
  napi_value value = nullptr;
  return ok(napi_create_int64(env, number, &value)) ? value : nullptr;
}

inline napi_value make_bool(napi_env env, bool truth) {
  napi_value value = nullptr;
  return ok(napi_get_boolean(env, truth, &value)) ? value : nullptr;
}

inline bool set(napi_env env, napi_value object, const char* name, napi_value value) {
  return value != nullptr && ok(napi_set_named_property(env, object, name, value));
}

}  // namespace milena::napi
