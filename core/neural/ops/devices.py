"""Devices whose work the host only queues."""

QUEUING = ("cuda", "meta")  # on meta the work is only counted (core.testing.launches)
