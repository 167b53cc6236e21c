"""A network that tells skin from everything else, to give the skin of a picture one color.

python -m tools.skin.observe DATA/photos.csv semantics.onnx FOLDER
python -m tools.skin.train FOLDER -o skin.safetensors
python -m tools.skin.export skin.safetensors -o skin.onnx
"""
