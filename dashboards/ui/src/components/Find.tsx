import { useState, type SubmitEvent, type ReactNode, type RefObject } from 'react';
import { may } from '../lib/roles';
import { keepRange, navigate, useLocation } from '../lib/router';
import { useSession } from '../lib/session';
import { lookupPath, servicePath, tracePath } from './Link';

const TRACE = /^[0-9a-f]{32}$/i;

/** "/" leads here: a trace id opens its trace, anything else is looked up. */
export function Find({ input }: { input: RefObject<HTMLInputElement | null> }): ReactNode {
  const { role } = useSession();
  const { search } = useLocation();
  const [text, setText] = useState('');
  const lookup = may(role, 'lookup');
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const asked = text.trim();
    if (asked === '') return;
    const path =
      TRACE.test(asked) && may(role, 'traces')
        ? tracePath(asked.toLowerCase())
        : lookup
          ? lookupPath(asked)
          : servicePath(asked);
    navigate(keepRange(path, search));
    setText('');
    input.current?.blur();
  };
  const hint = lookup ? 'Customer, order, payment, email, trace id' : 'Service name';
  return (
    <form className="find" role="search" onSubmit={submit}>
      <input
        ref={input}
        type="search"
        value={text}
        placeholder={hint}
        aria-label={`Find: ${hint}`}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      {text === '' && <kbd aria-hidden="true">/</kbd>}
    </form>
  );
}
