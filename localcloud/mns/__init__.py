"""A stand-in for the MNS (SMQ) queue service, API version 2015-06-06."""
