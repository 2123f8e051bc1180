"""The counting family: distributions estimated by counting, and the heads that use them."""
