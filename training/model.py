"""The two towers: photos and texts to unit vectors of 512 numbers in one space."""

import torch
import torch.nn.functional as F
from torch import nn

import backbone
import text_tower

DIMENSION = 512
FEATURES = 1280


class Head(nn.Module):
    """Two linear layers with dropout before each."""

    def __init__(self, inputs, hidden, dropout):
        super().__init__()
        self.before = nn.Dropout(dropout)
        self.first = nn.Linear(inputs, hidden)
        self.between = nn.Dropout(0.3)
        self.second = nn.Linear(hidden, DIMENSION)

    def forward(self, x):
        return self.second(self.between(F.gelu(self.first(self.before(x)))))


class Bridge(nn.Module):
    """The map from sentence space to the shared space, which both towers use.

    A photo enters sentence space as the mean of the class names' vectors, weighted by what the classifier
    believes (ConSE), so anything that a sentence encoder can place near a class can be found.
    """

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(text_tower.WIDTH, DIMENSION, bias=False)
        nn.init.orthogonal_(self.linear.weight)

    def forward(self, sentence):
        return self.linear(sentence)


class ImageTower(nn.Module):
    """A frozen EfficientNet-Lite and two trained ways from its features to the shared space."""

    def __init__(self, network, bridge, class_vectors, mean, deviation):
        super().__init__()
        self.network, self.bridge = network, bridge
        self.register_buffer("class_vectors", class_vectors)
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)
        self.head = Head(FEATURES, 1024, 0.5)
        self.sharpness = nn.Parameter(torch.ones(()))

    def from_features(self, features, hidden_classes=None):
        """The network's 1280 mean features to the embedding; hidden classes are unknown to the classifier."""
        logits = self.network.classifier(features)
        if hidden_classes is not None:
            logits = logits.masked_fill(hidden_classes, -1e4)
        sentence = F.normalize((logits * self.sharpness).softmax(-1) @ self.class_vectors, dim=-1)
        standard = (features - self.mean) / self.deviation
        return F.normalize(0.5 * self.head(standard) + self.bridge(sentence), dim=-1)

    def from_prototypes(self, classes):
        """Embeddings of a classifier's weight vectors, as if they were what a photo of the class gives."""
        weights = self.network.classifier.weight
        features = ((weights - weights.mean(0)) / weights.std())[classes]
        sentence = self.class_vectors[classes]
        return F.normalize(0.5 * self.head(features) + self.bridge(sentence), dim=-1)

    def forward(self, pixels):
        return self.from_features(self.network(pixels).mean((2, 3)))


class TextTower(nn.Module):
    def __init__(self, encoder, bridge):
        super().__init__()
        self.encoder, self.bridge = encoder, bridge
        self.head = Head(text_tower.WIDTH, 1024, 0.1)

    def from_sentence(self, sentence):
        return F.normalize(0.5 * self.head(sentence) + self.bridge(sentence), dim=-1)

    def forward(self, ids, mask):
        return self.from_sentence(self.encoder(ids, mask))


def build(variant, class_vectors, mean, deviation):
    bridge = Bridge()
    image = ImageTower(backbone.load(variant), bridge, class_vectors, mean, deviation)
    image.network.requires_grad_(False)
    return image, TextTower(text_tower.load(), bridge)
