"""Serves the chat, the HTTP API and MCP in one process."""

from assistant.services import Services


def serve(services: Services, version: str, host: str, port: int) -> None:
    """Serve until SIGTERM or Ctrl-C; open requests get a few seconds."""
    import uvicorn  # heavy; the other commands start without it

    from assistant.interfaces.api import create_api
    from assistant.interfaces.ui import mount_ui

    app = mount_ui(create_api(services, version, host), services)
    try:
        uvicorn.run(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=3)
    finally:
        services.close()
