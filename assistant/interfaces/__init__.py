"""The ways in: HTTP, chat, MCP and the command line."""
