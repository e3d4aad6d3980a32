import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Fault, Slow } from '../ui/notices';

/** A screen that is fetched when its address is opened. Without a connection it says so and can be tried again. */
export function lazy<P extends object>(load: () => Promise<{ default: ComponentType<P> }>): ComponentType<P> {
  let ready: ComponentType<P> | undefined;
  return function Lazy(props: P) {
    const [Screen, setScreen] = useState<{ it: ComponentType<P> } | undefined>(ready ? { it: ready } : undefined);
    const [failed, setFailed] = useState(false);
    const fetchIt = () => {
      setFailed(false);
      load().then(
        (module) => {
          ready = module.default;
          setScreen({ it: module.default });
        },
        () => setFailed(true),
      );
    };
    useEffect(() => {
      if (!ready) fetchIt();
    }, []);
    if (Screen) return <Screen.it {...props} />;
    if (failed) return <Fault title="This page did not load" text="The connection failed before it was here." again={fetchIt} />;
    return <Slow />;
  };
}
