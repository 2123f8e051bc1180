"""The counting family: distributions made by counting, and the heads that use them."""
