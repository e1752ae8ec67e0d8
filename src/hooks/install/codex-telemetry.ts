import { parse } from 'smol-toml';
import type { Target } from './install-types.js';
import { cutBlock, putBlock } from './text-block.js';

const MARKERS = { begin: '# popstash: begin (popstash init --undo takes this out)', end: '# popstash: end' };

/**
 * Codex's table `otel`, at the end of its settings: a table goes on to the next one, so it can stand nowhere else. Prompts are
 * not sent unless another setting says so.
 * @throws from `add`: Error when there is such a table already, or the file is no TOML
 */
export function codexTelemetry(path: string, url: string): Target {
  const exporter = `exporter = { otlp-http = { endpoint = "${url}/v1/logs", protocol = "json" } }`;
  const block = `${MARKERS.begin}\n[otel]\n${exporter}\n${MARKERS.end}\n`;
  return {
    path,
    isExecutable: false,
    add(before) {
      const text = before ?? '';
      if ('otel' in parse(cutBlock(text, MARKERS)))
        throw new Error('it has telemetry settings already: its table "otel"');
      const edited = putBlock(text, MARKERS, block, (rest, own) => {
        const gap = rest === '' ? '' : rest.endsWith('\n') ? '\n' : '\n\n';
        return `${rest}${gap}${own}`;
      });
      // What came after our block since then may belong to its table.
      const { otel } = parse(edited);
      if (Object.keys(otel as object).join() !== 'exporter')
        throw new Error('settings follow those of popstash in "otel"');
      return edited;
    },
    remove(content) {
      const rest = cutBlock(content, MARKERS);
      return rest.trim() === '' ? null : rest;
    },
  };
}
