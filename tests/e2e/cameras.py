"""Fake cameras and microphones that can be told apart: a picture carries its venue and frame number, a sound its tone.

The code is a row of sixteen black or white blocks along the top: eight bits of the frame number, seven of the venue,
one that makes the count of white ones even. It survives the smallest layer. A page reads it back from a canvas.
"""

import array
import math
import wave
from pathlib import Path

WIDTH, HEIGHT, RATE, CYCLE = 640, 360, 30, 256
BLOCKS, BLOCK = 16, WIDTH // 16
SOUND_RATE = 48_000
BLACK, WHITE, GREY = 16, 235, 128

# venue and frame of what a video element shows, or null; `frames` keeps when each frame was first seen.
READ = """
window.code = (video) => {
  if (!video || !video.videoWidth) return null;
  const canvas = window.codeCanvas ??= new OffscreenCanvas(16, 9);
  const paint = canvas.getContext("2d", { willReadFrequently: true });
  paint.drawImage(video, 0, 0, 16, 9);
  const row = paint.getImageData(0, 0, 16, 1).data;
  let bits = 0, white = 0;
  for (let i = 0; i < 16; i++) { const on = row[i * 4 + 1] > 127 ? 1 : 0; white += on; bits = bits * 2 + on; }
  return white % 2 ? null : { frame: bits >> 8, venue: (bits >> 1) & 127 };
};
window.watchFrames = (video) => {
  const seen = [];
  const look = () => {
    const found = window.code(video);
    if (found) seen.push([performance.timeOrigin + performance.now(), found.venue, found.frame]);
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  return seen;
};
"""

# How loud each frequency is in a stream, in decibels: who is heard, and that nobody else is.
HEAR = """
window.tones = async (heard, frequencies, seconds) => {
  const context = new AudioContext({ sampleRate: 48000 });
  await context.resume();
  const analyser = context.createAnalyser();
  analyser.fftSize = 16384;
  analyser.smoothingTimeConstant = 0;
  context.createMediaStreamSource(heard).connect(analyser);
  await new Promise((done) => setTimeout(done, seconds * 1000));
  const levels = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(levels);
  const at = (hz) => Math.max(...levels.slice(Math.round(hz * 16384 / 48000) - 2, Math.round(hz * 16384 / 48000) + 3));
  const found = frequencies.map(at);
  await context.close();
  return found;
};
"""

PROBES = f"{READ}{HEAR}undefined;"  # a last value that is no function: a driver would call it


def code(venue: int, frame: int) -> int:
    """The sixteen bits of one picture."""
    bits = (frame % CYCLE) << 7 | venue % 128
    return bits << 1 | bits.bit_count() % 2


def camera(path: Path, venue: int) -> Path:
    """A film of 256 frames that repeats, as Chromium's fake camera takes it (Y4M, 640×360, 30 a second)."""
    chroma = bytes([GREY]) * (WIDTH * HEIGHT // 2)
    with path.open("wb") as film:
        film.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420jpeg\n".encode())
        for frame in range(CYCLE):
            film.write(b"FRAME\n" + _brightness(venue, frame) + chroma)
    return path


def _brightness(venue: int, frame: int) -> bytes:
    bits = code(venue, frame)
    top = b"".join(bytes([WHITE if bits >> (BLOCKS - 1 - i) & 1 else BLACK]) * BLOCK for i in range(BLOCKS))
    slope = bytes((x * 3 + venue * 40) % 200 + 20 for x in range(WIDTH))
    moved = slope[frame * 5 % WIDTH :] + slope[: frame * 5 % WIDTH]
    return top * BLOCK + moved * (HEIGHT - BLOCK)


def tone_of(venue: int) -> int:
    """The frequency of a venue's microphone in hertz: no two share a harmonic up to forty venues."""
    return 400 + 37 * (venue % 40)


def microphone(path: Path, venue: int) -> Path:
    """Ten seconds of the venue's tone, repeating without a click."""
    step = 2 * math.pi * tone_of(venue) / SOUND_RATE
    samples = array.array("h", (int(12_000 * math.sin(step * n)) for n in range(SOUND_RATE * 10)))
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SOUND_RATE)
        sound.writeframes(samples.tobytes())
    return path


def switches(folder: Path, venue: int) -> tuple[str, ...]:
    """What Chromium is started with to be that venue."""
    film, sound = folder / f"venue-{venue}.y4m", folder / f"venue-{venue}.wav"
    if not film.exists():
        camera(film, venue)
        microphone(sound, venue)
    return (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
        f"--use-file-for-fake-audio-capture={sound}",
        "--autoplay-policy=no-user-gesture-required",
        "--disable-background-timer-throttling",
        "--disable-renderer-backgrounding",
        "--disable-backgrounding-occluded-windows",
    )
