def deploy(*a): return ""
