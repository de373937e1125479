"""The duty matrix as registry says it: whose each notice is."""
