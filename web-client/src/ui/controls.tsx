import type { LucideIcon } from 'lucide-preact';
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { CircleCheck, CircleDashed, Clock, GitFork, TriangleAlert } from './icons';

type IconKind = LucideIcon;

export function Icon({ of: Of, tone }: { of: IconKind; tone?: 'ok' | 'stop' | 'info' | 'now' | 'apart' }) {
  return <Of class={`icon${tone ? ` ${tone}-i` : ''}`} aria-hidden="true" />;
}

const STATE_ICONS: Record<StateTone, IconKind> = {
  ok: CircleCheck, stop: TriangleAlert, now: Clock, info: CircleDashed,
  apart: GitFork, none: CircleDashed,
};

export type StateTone = 'ok' | 'stop' | 'now' | 'info' | 'apart' | 'none';

/** A state: hue, shape and word together. */
export function State({ tone, icon, children }: { tone: StateTone; icon?: IconKind; children: ComponentChildren }) {
  return (
    <span class={`is ${tone}`}>
      <Icon of={icon ?? STATE_ICONS[tone]} />
      {children}
    </span>
  );
}

interface BtnProps {
  main?: boolean | undefined;
  plain?: boolean | undefined;
  small?: boolean | undefined;
  wide?: boolean | undefined;
  icon?: IconKind | undefined;
  children: ComponentChildren;
}

function btnClass(p: BtnProps): string {
  return ['btn', p.main && 'main', p.plain && 'plain', p.small && 'small', p.wide && 'wide'].filter(Boolean).join(' ');
}

export function Btn({ main, plain, small, wide, icon, children, ...rest }: BtnProps & Omit<JSX.ButtonHTMLAttributes<HTMLButtonElement>, 'icon'>) {
  return (
    <button type="button" {...rest} class={btnClass({ main, plain, small, wide, children })}>
      {icon && <Icon of={icon} />}
      {children}
    </button>
  );
}

/** A link that looks like a button: goes somewhere, changes nothing. */
export function Go({ href, main, plain, small, wide, icon, children, ...rest }: BtnProps & { href: string; [data: `aria-${string}`]: string }) {
  return (
    <Link href={href} class={btnClass({ main, plain, small, wide, children })} {...rest}>
      {icon && <Icon of={icon} />}
      {children}
    </Link>
  );
}

export interface FieldProps {
  label: string;
  id: string;
  hint?: string | undefined;
  fault?: string | undefined;
  children: (ids: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: 'true' }) => ComponentChildren;
  /** Repair of the fault as a button. */
  repair?: ComponentChildren;
}

/** Label, hint, control and the fault beside it, tied together for screen readers. */
export function Field({ label, id, hint, fault, repair, children }: FieldProps) {
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ');
  return (
    <div class={`field${fault ? ' wrong' : ''}`}>
      <label for={id}>{label}</label>
      {hint && <span class="hint" id={`${id}-hint`}>{hint}</span>}
      {children({ id, ...(described ? { 'aria-describedby': described } : {}), ...(fault ? { 'aria-invalid': 'true' as const } : {}) })}
      {fault && (
        <span class="fault" id={`${id}-fault`}>
          <Icon of={TriangleAlert} />
          <span>{fault}</span>
        </span>
      )}
      {repair}
    </div>
  );
}

export function useFieldId(name: string): string {
  return `${name}-${useId()}`;
}

/** A bar with a true length; the words say the same. */
export function Progress({ done, total, label }: { done: number; total: number; label: string }) {
  return <progress class="progress" value={done} max={Math.max(total, 1)} aria-label={label} />;
}
