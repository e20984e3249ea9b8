import { serveSession } from '../../lib/session/serve.ts';
import { toyParts } from './session-toy-parts.ts';

await serveSession(toyParts());
