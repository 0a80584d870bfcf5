// The pretend engine's reading of numbers and templates: just enough to show every state of the forms.
import type { PopPreview, VariableSource } from '../../api';

/** A number or address, cleaned; nothing when it is neither. */
export function readTarget(text: string): { target: string; shown: string } | undefined {
  const bare = text.trim().replace(/^(tel|callto|sips?):/i, '');
  if (/^[^\s@]+@[^\s@]+$/.test(bare)) return { target: `sip:${bare}`, shown: bare };
  const number = bare.replace(/\(0\)/g, '').replace(/[\s().\-/]/g, '');
  if (/^\+?[\d*#]+$/.test(number)) return { target: number, shown: number };
  return /^[a-z][\w.]*$/i.test(bare) ? { target: bare, shown: bare } : undefined;
}

/** Why a template is refused. */
export function templateFault(target: string, schemes: string[]): string | undefined {
  if (target.trim() === '') return 'Enter a web address or the path of a program.';
  if (/\[sip\.(From|To|Via|Contact)\]/i.test(target)) return 'This header is defined by SIP itself and cannot be used. Use a header of your exchange, such as X-Order.';
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(target)?.[1]?.toLowerCase();
  if (/^[a-z]:\\/i.test(target) || target.startsWith('/')) return undefined;
  if (!scheme) return 'Enter a web address with https:// or the full path of a program.';
  return ['http', 'https', ...schemes].includes(scheme) ? undefined : `Addresses that begin with ${scheme}: are not allowed. Add ${scheme} below first.`;
}

const SAMPLE: Record<string, string> = { caller: '01632960042', caller_name: 'Maria Keller', number: '102', called: '02079460100' };

/** What a template would open for the sample call. */
export function previewPop(target: string, own: Record<string, string | undefined>): PopPreview {
  const web = /^[a-z][a-z0-9+.-]+:\/\//i.test(target);
  const write = (value: string) => (web ? encodeURIComponent(value) : value);
  const preview: PopPreview = { kind: web ? 'web' : 'program', pieces: [], unknown: [] };
  const piece = (text: string, source?: VariableSource) => text && preview.pieces.push(source ? { text, source } : { text });
  for (const part of target.split(/(\$\w+\$|\[sip\.[\w-]+\])/)) {
    const name = /^\$(\w+)\$$/.exec(part)?.[1];
    if (part.startsWith('[sip.')) piece(write('20418'), 'header');
    else if (name && name in SAMPLE) piece(write(SAMPLE[name] ?? ''), 'call');
    else if (name && own[name] !== undefined) piece(`••••${own[name].slice(-4)}`, 'custom');
    else if (name) preview.unknown.push({ name: part, suggestion: name === 'callername' ? '$caller_name$' : undefined });
    else piece(part);
  }
  return preview;
}
