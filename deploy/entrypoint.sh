#!/bin/sh
# The commands of the image. Every one reads its settings from the environment (deploy/example.env).
set -eu

api() { # $1 = module, $2 = port; behind a proxy the caller's address comes from its header
    exec uvicorn --factory "$1.app:create" --host "${HOST:-0.0.0.0}" --port "$2" \
        --http shared.web.protocol:Protocol --no-access-log --no-server-header --timeout-graceful-shutdown 10
}

case "${1:-help}" in
    registry-api) api registry 8001 ;;
    results-ingest-api) api results_ingest 8002 ;;
    notifier-api) api notifier 8003 ;;
    registry-worker) exec python -m registry.worker ;;
    results-ingest-worker) exec python -m results_ingest.worker ;;
    notifier-worker) exec python -m notifier.worker ;;
    migrate) exec python -m migrations.migrate ;;
    *)
        echo "commands: registry-api registry-worker results-ingest-api results-ingest-worker" \
            "notifier-api notifier-worker migrate" >&2
        [ "${1:-help}" = help ] || exit 64
        ;;
esac
