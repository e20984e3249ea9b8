/** A parent for the tests: starts a session's process, tells its pid, works, and never closes. */
import { SessionHost } from '../../lib/session/host.ts';
import { sessionSchema } from '../../lib/session/options.ts';
import { drawSchema } from '../../lib/settings/settings.ts';
import { toyPicture } from './session-toy-parts.ts';

const worker = new URL('session-toy-worker.ts', import.meta.url);
const host = new SessionHost(sessionSchema.parse({}), { worker });
const image = await host.loadPicture(await host.openArena(''), toyPicture(512, 512));
const working = host.encode(image, drawSchema.parse({ canvas: 4096 }));
console.log((await host.stats()).pid);
await working;
