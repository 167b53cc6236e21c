"""Stable Diffusion, its ControlNet and a depth network in miniature, saved as the real ones are."""

# diffusers is half typed.
# mypy: disable-error-code="no-untyped-call,attr-defined,operator"
from __future__ import annotations

import json
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    ControlNetModel,
    PNDMScheduler,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
from transformers import (
    CLIPConfig,
    CLIPImageProcessor,
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTokenizer,
    DPTConfig,
    DPTForDepthEstimation,
    DPTImageProcessor,
)


def save_tiny(folder: Path) -> None:
    """Write `base`, `control` and `depth` into a folder."""
    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        sample_size=8, in_channels=4, out_channels=4, layers_per_block=1, norm_num_groups=4,
        block_out_channels=(8, 16), cross_attention_dim=16, attention_head_dim=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )  # fmt: skip
    control = ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=(8, 8, 8, 8))
    with torch.no_grad():  # they start at zero, with which depth would not count
        for zero in [*control.controlnet_down_blocks, control.controlnet_mid_block]:
            torch.nn.init.normal_(zero.weight, std=0.3)
        torch.nn.init.normal_(control.controlnet_cond_embedding.conv_out.weight, std=0.3)
    vae = AutoencoderKL(
        block_out_channels=(4, 4, 4, 4), norm_num_groups=4, layers_per_block=1, latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
    )  # fmt: skip
    text = CLIPTextModel(
        CLIPTextConfig(vocab_size=300, hidden_size=16, intermediate_size=16, num_hidden_layers=1,
                       num_attention_heads=2, bos_token_id=0, eos_token_id=1, pad_token_id=1)
    )  # fmt: skip
    checker = StableDiffusionSafetyChecker(
        CLIPConfig(
            vision_config={"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1,
                           "num_attention_heads": 2, "image_size": 32, "patch_size": 8,
                           "projection_dim": 16},
            text_config={"hidden_size": 16}, projection_dim=16,
        )
    )  # fmt: skip
    with torch.no_grad():  # nothing offends it
        checker.concept_embeds_weights.fill_(10.0)
        checker.special_care_embeds_weights.fill_(10.0)
    size = {"height": 32, "width": 32}
    scheduler = PNDMScheduler(skip_prk_steps=True, steps_offset=1)
    seen = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size=size)
    base = StableDiffusionPipeline(vae, text, tokenizer(folder), unet, scheduler, checker, seen)
    base.save_pretrained(folder / "base")
    control.save_pretrained(folder / "control")
    depth = DPTForDepthEstimation(
        DPTConfig(hidden_size=16, num_hidden_layers=4, num_attention_heads=2, intermediate_size=16,
                  image_size=32, patch_size=8, backbone_out_indices=[0, 1, 2, 3],
                  neck_hidden_sizes=[4, 4, 8, 8], fusion_hidden_size=8,
                  initializer_range=0.3)
    )  # fmt: skip
    with torch.no_grad():  # its last step lets nothing below zero through
        depth.head.head[4].bias.fill_(5.0)
    depth.save_pretrained(folder / "depth")
    DPTImageProcessor(size=size).save_pretrained(folder / "depth")


def tokenizer(folder: Path) -> CLIPTokenizer:
    """One token a letter."""
    letters = [chr(code) for code in range(33, 127)]
    words = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{each}</w>" for each in letters)]
    vocabulary, merges = folder / "vocab.json", folder / "merges.txt"
    vocabulary.write_text(json.dumps({word: k for k, word in enumerate(words)}))
    merges.write_text("#version: 0.2\n")
    return CLIPTokenizer(vocab=str(vocabulary), merges=str(merges), model_max_length=77)
