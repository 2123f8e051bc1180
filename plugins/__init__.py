"""The built-in plugins, registered through the hooks that a stranger uses."""
