#!/usr/bin/env bash
# Installs what the peer and client tests need and a fresh machine may lack: a JDK and Maven (Apache Kafka itself),
# Go, Python's venv, kcat. Says what is missing when it may not install.
set -u
wanted=()
command -v java  >/dev/null || wanted+=(openjdk-17-jdk-headless)
command -v mvn   >/dev/null || wanted+=(maven)
command -v go    >/dev/null || wanted+=(golang)
command -v kcat  >/dev/null || wanted+=(kcat)
command -v strace >/dev/null || wanted+=(strace)
python3 -c 'import venv, ensurepip' 2>/dev/null || wanted+=(python3-venv)
[ ${#wanted[@]} -eq 0 ] && { echo "peers: everything is there"; exit 0; }
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "peers: please install ${wanted[*]}" >&2
  exit 1
fi
apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}"
