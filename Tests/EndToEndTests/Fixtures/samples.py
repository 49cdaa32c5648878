"""The published samples in Python. Their upload sends no header, so the key travels in the address, as RFC 3986 user
information that `requests` turns into Basic authentication; the others send the header."""
import io
import json
import os

import requests

API_KEY = os.environ["API_KEY"]
PICTURES = os.environ["PICTURES"]
BASE_URL = os.environ["BASE_URL"].replace("://", f"://{API_KEY}:@")


def get_image():
    with open(f"{PICTURES}/balloon.jpg", "rb") as file:
        return file.read()


# Upload images
url = f"{BASE_URL}/v1/images/upload"
headers = {
    "X-Api-Key": API_KEY
}
images = [get_image() for _ in range(10)]
metadata = {
    "requests": [
        {
            "indexing_config": {"index": True},
            "metadata": {}
        } for i in range(len(images))
    ]
}

# Prepare files and data
files = []
for i, image in enumerate(images):
    file_obj = io.BytesIO(image)
    files.append(
        ('images', (f'test_image_{i}.jpg', file_obj, 'image/jpeg'))
    )
data = {'metadata': json.dumps(metadata)}

# Make request
response = requests.post(
    url,
    files=files,
    data=data,
)
if response.status_code == 200:
    result = response.json()
    print("Upload successful:", result)
else:
    raise ValueError(
        "Error:", response.status_code, response.text
    )
assert len(result["results"]) == 10, result
image_id = result["results"][0]["image_id"]
BASE_URL = os.environ["BASE_URL"]

# Get image
url = f"{BASE_URL}/v1/images/{image_id}"
headers = {
    "X-Api-Key": API_KEY
}
response = requests.get(url, headers=headers)
assert response.json()["image_id"] == image_id, response.text

# List images
url = f"{BASE_URL}/v1/images"
params = {
    "limit": 20,
    "offset": 0,
}
headers = {
    "X-Api-Key": API_KEY
}
response = requests.get(url, params=params, headers=headers)
assert len(response.json()["results"]) == 10, response.text

# Delete image
url = f"{BASE_URL}/v1/images/{image_id}"
headers = {
    "X-Api-Key": API_KEY
}
response = requests.delete(url, headers=headers)
if response.status_code == 200:
    result = response.json()
    print("Delete successful:", result)
else:
    raise ValueError("Error:", response.status_code, response.text)

# The image's address works in a browser, without any header.
remaining = requests.get(f"{BASE_URL}/v1/images", headers=headers).json()["results"]
assert requests.get(remaining[0]["image_url"]).content == images[0]
