"""Plants small changes in shared/ and tells which of them no test notices."""
