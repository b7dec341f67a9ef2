// What a cleaning worker calls: one pass over one log, synchronously, on the worker's own thread.
#pragma once
#include <node_api.h>

namespace milena::napi {

// cleanLog(plan: Uint8Array, task: Uint8Array, cancel: Int32Array, cleaned: (group: Uint8Array) => void): Uint8Array
// The result is a CleaningResult of abi.ts. A cancel cell (shared memory) that is not 0 ends the pass between two batches.
napi_value clean_log(napi_env env, napi_callback_info info);

}  // namespace milena::napi
