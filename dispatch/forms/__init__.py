"""Forms of this app's pages. They check shape; the verbs check the rules."""
