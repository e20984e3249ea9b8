/** The process of probe.ts: decodes what it is asked to, small. */
import sharp from 'sharp';
import { toWire } from '../errors/manga-error.ts';
import { decodePicture } from '../media/decode.ts';
import { errnoOf } from './io-error.ts';
import type { ProbeReply, ProbeRequest } from './probe.ts';

sharp.concurrency(1);

async function answer({ path, maxPixels, maxBytes, side, quality }: ProbeRequest): Promise<ProbeReply> {
  try {
    const { width, height, data } = await decodePicture({ path }, { maxPixels, maxBytes, maxSide: side });
    const thumbnail = await sharp(data, { raw: { width, height, channels: 3 } })
      .webp({ quality, effort: 2 })
      .toBuffer();
    return { thumbnail };
  } catch (error) {
    return { error: toWire(error), errno: errnoOf((error as Error).cause) };
  }
}

process.on('message', async (request: ProbeRequest) => {
  process.send?.(await answer(request));
});
// Node-RED has gone.
process.on('disconnect', () => process.exit());
