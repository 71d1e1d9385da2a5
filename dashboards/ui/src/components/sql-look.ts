import { HighlightStyle } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** Colours are the tokens of the pages, so that both themes hold without a word here. */
export const COLOURS = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--series-2)', fontWeight: '500' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--series-3)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--series-5)' },
  { tag: tags.comment, color: 'var(--text-2)' },
]);

export const LOOK = EditorView.theme({
  '&': {
    maxHeight: '360px',
    backgroundColor: 'var(--bg)',
    color: 'var(--text)',
    border: '1px solid var(--line-2)',
    borderRadius: 'var(--radius)',
    fontSize: '12.5px',
  },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '1px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '20px', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-content, .cm-gutter': { minHeight: '220px' },
  '.cm-gutters': { backgroundColor: 'var(--bg-2)', color: 'var(--text-2)', border: '0' },
  '.cm-wrong-line': { backgroundColor: 'var(--red-bg)' },
  '.cm-wrong-word': { textDecoration: 'underline wavy var(--red)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--bg)',
    color: 'var(--text)',
    border: '1px solid var(--line)',
    borderRadius: 'var(--radius)',
    boxShadow: 'var(--shadow)',
    zIndex: '20',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', maxWidth: 'min(480px, 90vw)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {
    display: 'flex',
    justifyContent: 'space-between',
    gap: '12px',
    padding: '2px 8px',
    lineHeight: '20px',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent-bg)', color: 'var(--accent)' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '600' },
  '.cm-completionDetail': { color: 'var(--text-2)', fontStyle: 'normal', marginLeft: '0' },
  '.cm-tooltip.cm-completionInfo': { padding: '4px 8px', fontFamily: 'var(--font)', whiteSpace: 'pre-line' },
});
