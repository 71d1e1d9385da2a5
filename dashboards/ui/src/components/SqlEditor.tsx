import { autocompletion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { PostgreSQL } from '@codemirror/lang-sql';
import { syntaxHighlighting } from '@codemirror/language';
import { EditorState, Prec, StateEffect, StateField } from '@codemirror/state';
import { Decoration, EditorView, keymap, lineNumbers, type DecorationSet } from '@codemirror/view';
import { useEffect, useImperativeHandle, useRef, type ReactNode, type Ref } from 'react';
import { completeAt, type Vocabulary } from '../lib/sql-complete';
import type { Fault } from '../lib/sql-fault';
import { COLOURS, LOOK } from './sql-look';

export interface EditorHandle {
  /** Writes at the cursor, in the place of what is selected. */
  insert: (text: string) => void;
  /** Puts another statement in the place of what is written. */
  replace: (text: string) => void;
}

interface Props {
  ref: Ref<EditorHandle>;
  /** What is written at first; from then on the editor has it, and tells of every change. */
  first: string;
  vocabulary: Vocabulary;
  fault: Fault | null;
  change: (text: string) => void;
  run: (text: string) => void;
  /** Where the keyboard goes on with Escape: Tab could as well be meant for the text. */
  leave: () => void;
}

const setFault = StateEffect.define<Fault | null>();
const WRONG_LINE = Decoration.line({ class: 'cm-wrong-line' });
const WRONG_WORD = Decoration.mark({ class: 'cm-wrong-word' });

function marksOf({ doc }: EditorState, fault: Fault | null): DecorationSet {
  if (fault === null || fault.line > doc.lines) return Decoration.none;
  const line = doc.line(fault.line);
  const from = Math.min(line.from + fault.column - 1, line.to);
  const word = /^(\w+|\S)/.exec(doc.sliceString(from, line.to))?.[0] ?? '';
  return Decoration.set([
    WRONG_LINE.range(line.from),
    ...(word === '' ? [] : [WRONG_WORD.range(from, from + word.length)]),
  ]);
}

/** The mark of what the server refused; it goes with the next letter. */
const faultField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (marks, change) => {
    const effect = change.effects.find((one) => one.is(setFault));
    return effect !== undefined ? marksOf(change.state, effect.value) : change.docChanged ? Decoration.none : marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/**
 * Typing over a selection is done here: the browser would carry the style of the lines that go over to the one that
 * stays, in a style attribute, which the content policy refuses with an error in the console.
 */
const overSelection = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    if (event.inputType !== 'insertText' || event.data === null || view.composing) return false;
    if (view.state.selection.main.empty) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(event.data), { userEvent: 'input.type', scrollIntoView: true });
    return true;
  },
});

/**
 * The editor of statements. It stands in a shadow root: there its styles are put up as a constructed sheet, which the
 * content policy of the pages allows, while it forbids a style element.
 */
export default function SqlEditor({ ref, first, vocabulary, fault, change, run, leave }: Props): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | null>(null);
  const latest = useRef({ first, vocabulary, change, run, leave });
  useEffect(() => {
    latest.current = { first, vocabulary, change, run, leave };
  });
  useEffect(() => {
    const host = box.current;
    if (host === null) return;
    const complete = ({ state, pos, explicit }: CompletionContext): CompletionResult | null => {
      const found = completeAt(state.doc.toString(), pos, explicit, latest.current.vocabulary);
      if (found === null) return null;
      const options = found.options.map(({ label, kind, detail, info, write }, i) => ({
        label,
        type: kind,
        detail,
        ...(info === '' ? {} : { info }),
        ...(write === undefined ? {} : { apply: write }),
        // What stands first in the list is meant more likely, where the letters fit alike.
        boost: Math.max(-99, -i),
      }));
      return { from: found.from, options, validFor: /^\w*$/ };
    };
    const go = ({ state }: EditorView): boolean => {
      latest.current.run(state.doc.toString());
      return true;
    };
    const out = (): boolean => {
      latest.current.leave();
      return true;
    };
    const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
    const view = new EditorView({
      parent: root,
      root,
      state: EditorState.create({
        doc: latest.current.first,
        extensions: [
          Prec.highest(keymap.of(['Mod-Enter', 'Ctrl-Enter'].map((key) => ({ key, run: go })))),
          autocompletion({ override: [complete], icons: false, maxRenderedOptions: 60 }),
          keymap.of([{ key: 'Escape', run: out }, ...historyKeymap, ...defaultKeymap]),
          history(),
          overSelection,
          lineNumbers(),
          EditorView.lineWrapping,
          PostgreSQL.language,
          syntaxHighlighting(COLOURS),
          LOOK,
          faultField,
          EditorView.contentAttributes.of({ 'aria-label': 'SQL', 'data-gramm': 'false' }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.change(update.state.doc.toString());
          }),
        ],
      }),
    });
    editor.current = view;
    return () => {
      view.destroy();
      editor.current = null;
    };
  }, []);
  useEffect(() => {
    editor.current?.dispatch({ effects: setFault.of(fault) });
  }, [fault]);
  useImperativeHandle(ref, () => ({
    insert: (piece) => {
      const view = editor.current;
      if (view === null) return;
      view.dispatch(view.state.replaceSelection(piece));
      view.focus();
    },
    replace: (whole) => {
      const view = editor.current;
      if (view === null || view.state.doc.toString() === whole) return;
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: whole },
        selection: { anchor: whole.length },
      });
    },
  }));
  return <div ref={box} className="sql-editor" />;
}
