import { parseArgs } from 'node:util';
import { diagnose, formatDoctor } from '../lib/engines/doctor.ts';

const help = `motion-manga doctor [--json]

Tries every engine and ffmpeg, and tells for each what works, what is missing and the command that mends it.
Exit code: 0 when clips can be drawn (an engine works), else 1.
`;

/** `motion-manga doctor`. @returns exit code */
export async function doctor(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const reports = await diagnose();
  process.stdout.write(`${values.json ? JSON.stringify(reports) : formatDoctor(reports)}\n`);
  return reports.some(({ name, works }) => works && name !== 'ffmpeg') ? 0 : 1;
}
