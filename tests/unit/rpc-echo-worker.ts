/** A child for tests of the RPC: gives back what it is sent, and makes bytes. */
import { Socket } from 'node:net';
import { serveRpc } from '../../lib/session/rpc.ts';

await serveRpc(new Socket({ fd: 3, readable: true, writable: true }), async (method, args) => {
  if (method === 'bytes') return new Uint8Array(args[0] as number).fill(7);
  return args[0];
});
process.exit(0);
