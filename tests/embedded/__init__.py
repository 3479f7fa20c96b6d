"""Starting from nothing: services, leases, the demo's processes, the command line."""
