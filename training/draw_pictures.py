"""Draws the small pictures that the end-to-end search test looks for, and the queries that must find them."""

import argparse
import math
import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

SCALE = 2  # drawn larger, then reduced, for smooth edges
WIDTH, HEIGHT = 320, 240


def canvas(colour):
    image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), colour)
    return image, ImageDraw.Draw(image)


def disc(draw, x, y, radius, **style):
    draw.ellipse([x - radius, y - radius, x + radius, y + radius], **style)


def polar(x, y, radius, degrees):
    angle = math.radians(degrees)
    return x + radius * math.cos(angle), y + radius * math.sin(angle)


def gradient(top, bottom, height=HEIGHT * SCALE):
    strip = Image.new("RGB", (1, height))
    for row in range(height):
        part = row / height
        strip.putpixel((0, row), tuple(round(a + (b - a) * part) for a, b in zip(top, bottom)))
    return strip.resize((WIDTH * SCALE, height))


def clock():
    image, draw = canvas((214, 205, 190))
    x, y = WIDTH * SCALE // 2, HEIGHT * SCALE // 2
    disc(draw, x, y, 215, fill=(60, 45, 35))
    disc(draw, x, y, 195, fill=(250, 248, 240))
    for hour in range(12):
        draw.line([polar(x, y, 160, hour * 30), polar(x, y, 185, hour * 30)], fill=(20, 20, 20), width=9)
    draw.line([(x, y), polar(x, y, 105, -60)], fill=(20, 20, 20), width=14)
    draw.line([(x, y), polar(x, y, 160, 60)], fill=(20, 20, 20), width=9)
    disc(draw, x, y, 14, fill=(20, 20, 20))
    return image


def traffic_light():
    image = gradient((120, 170, 225), (190, 215, 240))
    draw = ImageDraw.Draw(image)
    draw.rectangle([305, 380, 335, 480], fill=(70, 70, 70))
    draw.rounded_rectangle([230, 20, 410, 400], 30, fill=(30, 32, 30))
    for y, colour in ((85, (240, 40, 30)), (210, (90, 75, 10)), (335, (10, 70, 30))):
        disc(draw, 320, y, 52, fill=colour)
    return image


def crossword():
    image, draw = canvas((255, 255, 255))
    generator = random.Random(4)
    cell = 40
    for row in range(HEIGHT * SCALE // cell):
        for column in range(WIDTH * SCALE // cell):
            box = [column * cell, row * cell, (column + 1) * cell, (row + 1) * cell]
            black = generator.random() < 0.28
            draw.rectangle(box, fill=(10, 10, 10) if black else (255, 255, 255), outline=(10, 10, 10), width=2)
            if not black and generator.random() < 0.75:
                draw.text((box[0] + 12, box[1] + 6), generator.choice("ABDEHIKLMNORSTU"), (30, 30, 30), font_size=26)
    return image


def spider_web():
    image, draw = canvas((25, 35, 30))
    x, y = 310, 230
    for ray in range(16):
        draw.line([(x, y), polar(x, y, 420, ray * 22.5)], fill=(210, 215, 215), width=2)
    for ring in range(1, 15):
        points = [polar(x, y, ring * 24 * (1 if ray % 2 else 0.97), ray * 22.5) for ray in range(17)]
        draw.line(points, fill=(200, 205, 205), width=2)
    return image


def orange():
    image, draw = canvas((235, 235, 230))
    for step in range(190, 0, -2):
        light = (190 - step) / 190
        disc(
            draw,
            320 - 40 * light,
            250 - 50 * light,
            step,
            fill=(235 + int(20 * light), 120 + int(75 * light), 10 + int(40 * light)),
        )
    draw.ellipse([305, 75, 335, 95], fill=(70, 110, 30))
    draw.polygon([(325, 80), (420, 25), (440, 60)], fill=(60, 140, 40))
    return image


def balloon():
    image = gradient((80, 150, 230), (205, 230, 250))
    draw = ImageDraw.Draw(image)
    colours = [(220, 40, 40), (250, 200, 40), (40, 110, 200), (250, 200, 40), (220, 40, 40)]
    for index, colour in enumerate(colours):
        inset = index * 36
        draw.ellipse([170 + inset * 0.83, 20, 470 - inset * 0.83, 330], fill=colour)
    draw.polygon([(225, 285), (415, 285), (350, 385), (290, 385)], fill=(200, 150, 40))
    draw.line([(290, 385), (297, 410)], fill=(60, 40, 20), width=3)
    draw.line([(350, 385), (343, 410)], fill=(60, 40, 20), width=3)
    draw.rectangle([292, 410, 348, 450], fill=(120, 75, 30))
    return image


def beach():
    image = gradient((70, 150, 235), (190, 225, 250))
    draw = ImageDraw.Draw(image)
    image.paste(gradient((20, 90, 160), (90, 190, 200), 140), (0, 220))
    image.paste(gradient((240, 220, 170), (220, 190, 130), 120), (0, 360))
    for row in range(5):
        points = [(x, 345 + row * 4 + 6 * math.sin(x / 40 + row)) for x in range(0, 660, 10)]
        draw.line(points, fill=(245, 250, 250), width=3)
    disc(draw, 540, 70, 38, fill=(255, 245, 190))
    return image


def football():
    image, draw = canvas((50, 135, 45))
    generator = random.Random(3)
    for _ in range(2500):
        x, y = generator.randint(0, 640), generator.randint(0, 480)
        shade = generator.randint(-25, 25)
        draw.line([(x, y), (x + 3, y - 14)], fill=(55 + shade, 140 + shade, 45), width=2)
    disc(draw, 320, 250, 160, fill=(248, 248, 248), outline=(60, 60, 60), width=3)
    spot = lambda x, y, radius, turn: [polar(x, y, radius, turn + 72 * corner) for corner in range(5)]
    draw.polygon(spot(320, 250, 52, -90), fill=(20, 20, 20))
    for index in range(5):
        x, y = polar(320, 250, 130, -54 + 72 * index - 36)
        draw.line([polar(320, 250, 50, -90 + 72 * index), (x, y)], fill=(60, 60, 60), width=4)
        draw.polygon(spot(x, y, 32, 90 + 72 * index), fill=(20, 20, 20))
    return image


def keyboard():
    image, draw = canvas((40, 42, 46))
    letters = ["1234567890-=", "QWERTYUIOP[]", "ASDFGHJKL;'#", "ZXCVBNM,./  "]
    for row, line in enumerate(letters):
        for column, letter in enumerate(line):
            x, y = 12 + column * 52 + row * 6, 60 + row * 78
            draw.rounded_rectangle([x, y, x + 46, y + 68], 8, fill=(225, 226, 228), outline=(120, 120, 122), width=3)
            draw.text((x + 14, y + 14), letter, (20, 20, 20), font_size=26)
    draw.rounded_rectangle([150, 378, 490, 445], 8, fill=(225, 226, 228), outline=(120, 120, 122), width=3)
    return image


def umbrella():
    image, draw = canvas((165, 175, 185))
    draw.line([(320, 90), (320, 400)], fill=(60, 40, 30), width=9)
    draw.arc([260, 360, 325, 440], 0, 180, fill=(60, 40, 30), width=9)
    draw.pieslice([90, 70, 550, 470], 180, 360, fill=(205, 25, 40))
    for x in range(90, 550, 92):
        draw.ellipse([x, 250, x + 92, 300], fill=(165, 175, 185))
    for x in (182, 274, 366, 458):
        draw.line([(320, 70), (x, 270)], fill=(150, 15, 25), width=4)
    return image


def candle():
    image, draw = canvas((18, 12, 10))
    for step in range(230, 0, -4):
        light = (230 - step) / 230
        disc(draw, 320, 150, step, fill=(18 + int(150 * light), 12 + int(80 * light), 10 + int(15 * light)))
    draw.rectangle([275, 240, 365, 480], fill=(235, 220, 190))
    draw.line([(320, 240), (320, 205)], fill=(30, 20, 20), width=6)
    draw.polygon([(320, 70), (350, 170), (320, 220), (290, 170)], fill=(255, 200, 60))
    draw.ellipse([304, 150, 336, 215], fill=(255, 245, 190))
    return image


def brick_wall():
    image, draw = canvas((205, 198, 185))
    generator = random.Random(5)
    for row in range(13):
        for column in range(-1, 9):
            x, y = column * 80 + (row % 2) * 40, row * 38
            shade = generator.randint(-22, 22)
            draw.rectangle([x + 3, y + 3, x + 77, y + 35], fill=(160 + shade, 65 + shade // 2, 50 + shade // 2))
    return image


def maze():
    image, draw = canvas((255, 255, 255))
    generator = random.Random(6)
    for row in range(16):
        for column in range(21):
            x, y = column * 32, row * 32
            end = (x + 32, y) if generator.random() < 0.5 else (x, y + 32)
            draw.line([(x, y), end], fill=(10, 60, 20), width=9)
    return image


def envelope():
    image, draw = canvas((95, 65, 45))
    draw.rectangle([70, 90, 570, 400], fill=(244, 238, 220), outline=(150, 140, 120), width=4)
    draw.line([(70, 90), (320, 270), (570, 90)], fill=(150, 140, 120), width=6)
    draw.line([(70, 400), (260, 228)], fill=(190, 180, 160), width=4)
    draw.line([(570, 400), (380, 228)], fill=(190, 180, 160), width=4)
    return image


# name: (drawing, the query that finds it)
PICTURES = {
    "clock": (clock, "a clock showing the time"),
    "traffic-light": (traffic_light, "a traffic light"),
    "crossword": (crossword, "a crossword puzzle"),
    "spider-web": (spider_web, "a spider web"),
    "orange": (orange, "an orange fruit"),
    "balloon": (balloon, "a hot air balloon in the sky"),
    "beach": (beach, "the beach and the sea"),
    "football": (football, "a soccer ball on the grass"),
    "keyboard": (keyboard, "a computer keyboard"),
    "umbrella": (umbrella, "an umbrella in the rain"),
    "candle": (candle, "a burning candle in the dark"),
    "brick-wall": (brick_wall, "a brick wall"),
    "maze": (maze, "a maze"),
    "envelope": (envelope, "a letter in an envelope"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True, help="the folder of the pictures")
    parser.add_argument("--model", help="an exported model folder: says how surely each query finds its picture")
    arguments = parser.parse_args()
    out = Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    for name, (drawing, _) in PICTURES.items():
        drawing().resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(out / f"{name}.jpg", quality=88)
    lines = [f"{query}\t{name}.jpg" for name, (_, query) in PICTURES.items()]
    (out / "queries.tsv").write_text("\n".join(lines) + "\n")
    if not arguments.model:
        return
    from exported import ExportedModel

    encoder = ExportedModel(arguments.model)
    names = list(PICTURES)
    images = encoder.embed_images([out / f"{name}.jpg" for name in names])
    cosines = encoder.embed_texts([PICTURES[name][1] for name in names]) @ images.T
    for row, name in enumerate(names):
        others = cosines[row].copy()
        others[row] = -1
        runner_up = names[others.argmax()]
        print(
            f"{name:14} {cosines[row, row]:.3f}  next {runner_up:14} {others.max():.3f}  margin {cosines[row, row] - others.max():+.3f}"
        )


if __name__ == "__main__":
    main()
