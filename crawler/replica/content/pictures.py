"""Draw the portal's pictures: JPEG, PNG and WebP files, another mountain for every key."""

from functools import lru_cache
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

MEDIA_TYPES = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


@lru_cache(maxsize=4096)
def draw_picture(key: str, kind: str) -> bytes:
    """Return the bytes of the picture for a key. The same key gives the same bytes.

    Args:
        key: any text. It determines size, colours and shapes.
        kind: `jpeg`, `png` or `webp`.
    """
    rng = Random(key)
    width, height = rng.choice(((480, 320), (400, 300), (320, 426), (512, 288)))
    if kind == "png":
        width, height = width // 2, height // 2
    image = Image.new("RGB", (width, height), (rng.randint(120, 220), rng.randint(170, 230), rng.randint(200, 255)))
    draw = ImageDraw.Draw(image)
    sun_x, sun_y, radius = rng.randrange(width), rng.randrange(height // 3), rng.randint(10, 30)
    draw.ellipse(
        (sun_x - radius, sun_y - radius, sun_x + radius, sun_y + radius), fill=(255, rng.randint(180, 245), 120)
    )
    for depth in range(4):
        foot = height * (depth + 3) // 6
        shade = 150 - depth * 34
        line = [(x, foot - rng.randint(0, height // 4)) for x in range(0, width + 40, 40)]
        colour = (shade // 2, shade + rng.randint(0, 40), shade // 2 + rng.randint(0, 30))
        draw.polygon([(0, height), *line, (width, height)], fill=colour)
    for _ in range(rng.randint(3, 12)):
        x, y = rng.randrange(width), rng.randrange(height // 2, height)
        draw.rectangle((x, y, x + rng.randint(4, 18), y + rng.randint(6, 16)), fill=(rng.randint(90, 255), 60, 60))
    buffer = BytesIO()
    if kind == "jpeg":
        image.save(buffer, "JPEG", quality=80)
    elif kind == "png":
        image.save(buffer, "PNG", compress_level=4)
    else:
        image.save(buffer, "WEBP", quality=70, method=0)
    return buffer.getvalue()
