// TURN servers for lines that carry no UDP. Their credentials end within an hour: they are asked for again before.
import { facts } from "./words";

const AGAIN_MS = 40 * 60_000;
const WITHIN_MS = 1_500; // without an answer the room opens all the same

let servers: RTCIceServer[] = [];

export const ice = (): RTCIceServer[] => servers;

async function renew(): Promise<void> {
  try {
    const answer = await fetch(`/meetings/${facts.meeting}/ice.json`, { credentials: "same-origin" });
    if (answer.ok) servers = (await answer.json()) as RTCIceServer[];
  } catch {
    return; // the line is broken: the next turn asks again
  }
}

/** Ask before the first connection; where there are TURN servers, go on asking. */
export async function iceReady(): Promise<void> {
  await Promise.race([renew(), new Promise((late) => window.setTimeout(late, WITHIN_MS))]);
  window.setInterval(() => void renew(), AGAIN_MS);
}
