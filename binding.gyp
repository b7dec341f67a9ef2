{
  # The libraries' own code is compiled apart, with its own warnings, hidden from the rest of the process.
  "target_defaults": {
    "defines!": ["V8_DEPRECATION_WARNINGS=1"],
    "cflags": ["-fPIC", "-pthread", "-O2", "-fvisibility=hidden"],
    "cflags_cc!": ["-std=gnu++17", "-std=gnu++20", "-std=gnu++1y"],
    "cflags_cc": [
      "-std=c++20", "-fno-exceptions", "-fno-rtti", "-fvisibility-inlines-hidden",
      "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror", "-Wno-missing-field-initializers",
    ],
    "ldflags": ["-pthread"],
  },
  "targets": [
    {
      "target_name": "third_party",
      "type": "static_library",
      "sources": ["<!@(node scripts/native-sources.mjs third-party)"],
      "defines": ["XXH_NAMESPACE=MILENA_", "ZSTDLIB_VISIBLE=", "ZSTDERRORLIB_VISIBLE=", "ZSTD_NO_TRACE", "LZ4LIB_VISIBILITY=", "HAVE_UNISTD_H"],
      "cflags_c": ["-std=gnu11", "-w"],
    },
    {
      "target_name": "milena",
      "dependencies": ["third_party"],
      "sources": ["<!@(node scripts/native-sources.mjs addon)"],
      "include_dirs": ["native"],
      "defines": ["NAPI_VERSION=8", "NAPI_DISABLE_CPP_EXCEPTIONS", "XXH_NAMESPACE=MILENA_"],
      "cflags_cc": [
        "<!(node -p \"'-isystem ../' + require('node-addon-api').include_dir\")",
        "<!@(node scripts/native-sources.mjs includes | sed 's/^/-isystem ..\\//')",
      ],
      # Threads may outlive an unloaded environment, so the library is never unmapped.
      "ldflags": ["-Wl,-z,nodelete", "-Wl,-Bsymbolic", "-Wl,--exclude-libs,ALL"],
    },
    {
      # The load generator behind `milena bench`: a program of its own, so that it never shares a process with a broker.
      "target_name": "milena-bench",
      "type": "executable",
      "dependencies": ["third_party"],
      "sources": ["<!@(node scripts/native-sources.mjs bench)"],
      "include_dirs": ["native"],
      "defines": ["XXH_NAMESPACE=MILENA_"],
      "cflags_cc": ["<!@(node scripts/native-sources.mjs includes | sed 's/^/-isystem ..\\//')"],
    },
  ],
}
