import type { Message } from './red.ts';

/** Properties by which messages change any widget of Dashboard 2; all else of a message stays on the server. */
const DYNAMIC = ['enabled', 'visible', 'class', 'ui_update'] as const;

export function shown(message: Message): Message {
  return Object.fromEntries(DYNAMIC.filter((key) => key in message).map((key) => [key, message[key]]));
}
