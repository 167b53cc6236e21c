"""Builds the page without a server: a folder of static files that colours pictures in the browser.

    python -m tools.web TARGET

`runtime` fetches ONNX Runtime Web, `models` packs the networks, `capabilities` says what this page
offers, `facts` collects the numbers that its modules compute with, and `folder` puts them together
with the page of `retint.server` and the modules in `web/`.
"""
