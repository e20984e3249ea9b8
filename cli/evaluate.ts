import { evaluateFolder } from '../lib/metrics/evaluate-folder.ts';
import { SessionHost } from '../lib/session/host.ts';
import { sessionSchema } from '../lib/session/options.ts';
import { evaluateHelp, parseEvaluateArgs } from './evaluate-options.ts';
import { evaluationTable } from './evaluate-table.ts';

const tell = (line: string): void => void process.stderr.write(`${line}\n`);

/** `motion-manga evaluate`. @returns exit code. @throws MangaError of the first thing that fails */
export async function evaluate(args: readonly string[]): Promise<number> {
  const options = parseEvaluateArgs(args);
  if (!options) {
    process.stdout.write(evaluateHelp);
    return 0;
  }
  const { engine, model, json } = options;
  // An arena left alone is closed: the style page's must outlast many photos.
  const session = new SessionHost(sessionSchema.parse({ id: 'cli', engine, model, idleSeconds: 86_400 }));
  try {
    const result = await evaluateFolder(session, options, { tell, leftOut: tell });
    process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : evaluationTable(result));
    return 0;
  } finally {
    await session.close();
  }
}
