"""The site under test: one seam, ``send(request) -> exchange``, behind which any site can stand."""
