"""Where segments go: files for people, systems and AI agents."""
