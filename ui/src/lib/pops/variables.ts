// The variables of a template: what each means, and where they stand in a text.
import type { Variable, VariableSource } from '../api';
import { t } from '../words';

/** The class that colours a variable by its source. */
export const sourceClass: Record<VariableSource, '' | 'sip' | 'own'> = { call: '', header: 'sip', custom: 'own' };

/** The variables every call has. */
export const CALL_VARIABLES = ['$caller$', '$caller_name$', '$number$', '$called$'] as const;

/** What a variable means, for people. */
export function meaning(variable: Pick<Variable, 'name' | 'source'>): string {
  if (variable.source === 'header') return t('meaning-header');
  if (variable.source === 'custom') return t('meaning-custom');
  switch (variable.name) {
    case '$caller$': return t('meaning-caller');
    case '$caller_name$': return t('meaning-caller-name');
    case '$number$': return t('meaning-number');
    case '$called$': return t('meaning-called');
    default: return '';
  }
}

/** A stretch of a template: plain, or a variable with its source (`bad`: nobody knows it). */
export interface TemplatePiece {
  text: string;
  kind: 'plain' | '' | 'sip' | 'own' | 'bad';
}

/** Splits a template for colouring. The engine decides what a variable is; this only paints what looks like one. */
export function paint(template: string, own: readonly string[]): TemplatePiece[] {
  return template
    .split(/(\$[A-Za-z0-9_]+\$|\[sip\.[^\]]*\])/)
    .filter((text) => text !== '')
    .map((text) => ({ text, kind: kindOf(text, own) }));
}

function kindOf(text: string, own: readonly string[]): TemplatePiece['kind'] {
  if (/^\[sip\.[^\]]*\]$/.test(text)) return 'sip';
  const name = /^\$(.+)\$$/.exec(text)?.[1];
  if (name === undefined) return 'plain';
  if ((CALL_VARIABLES as readonly string[]).includes(text)) return '';
  return own.includes(name) ? 'own' : 'bad';
}
