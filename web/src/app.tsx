// The frame: navigation, theme, token, routes.
import { useQuery } from "@tanstack/react-query";
import { Suspense, lazy, useEffect, useState } from "react";
import { Link, NavLink, Route, Routes, useLocation } from "react-router";
import { ApiError, get, token } from "./api/client";
import { Shortcuts } from "./components/shortcuts";

const Studies = lazy(() => import("./pages/studies"));
const StudyPage = lazy(() => import("./pages/study"));
const TrialPage = lazy(() => import("./pages/trial"));
const NewStudy = lazy(() => import("./pages/new-study"));
const Latencies = lazy(() => import("./pages/latencies"));
const Workers = lazy(() => import("./pages/workers"));

export function App() {
  return (
    <>
      <a className="skip" href="#main">Skip to content</a>
      <header className="top">
        <Link className="brand" to="/"><img src="/favicon.svg" alt="" width={24} height={24} />Nascent</Link>
        <nav aria-label="Main">
          <NavLink to="/" end>Studies</NavLink>
          <NavLink to="/new">New study</NavLink>
          <NavLink to="/workers">Workers</NavLink>
          <NavLink to="/latencies">Latencies</NavLink>
          <a href="/docs/">API</a>
        </nav>
        <Shortcuts />
        <Theme />
      </header>
      <main id="main" tabIndex={-1}>
        <TokenPrompt />
        <Suspense fallback={<p className="loading" role="status">Loading…</p>}>
          <Routes>
            <Route path="/" element={<Studies />} />
            <Route path="/new" element={<NewStudy />} />
            <Route path="/workers" element={<Workers />} />
            <Route path="/latencies" element={<Latencies />} />
            <Route path="/latencies/:device/:batch" element={<Latencies />} />
            <Route path="/studies/:id" element={<StudyPage />} />
            <Route path="/trials/:id" element={<TrialPage />} />
            <Route path="*" element={<div className="card empty"><h1>There is no such page</h1><p><Link to="/">All studies</Link></p></div>} />
          </Routes>
        </Suspense>
      </main>
      <Title />
    </>
  );
}

/** Names the page for tabs and screen readers. */
function Title() {
  const { pathname } = useLocation();
  useEffect(() => {
    document.getElementById("main")?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
    const page = { "/": "Studies", "/new": "New study", "/workers": "Workers", "/latencies": "Latency tables" }[pathname];
    document.title = page ? `${page} · Nascent` : "Nascent";
  }, [pathname]);
  return null;
}

function Theme() {
  const [theme, setTheme] = useState(localStorage.getItem("theme") ?? "auto");
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
    localStorage.setItem("theme", theme);
  }, [theme]);
  return (
    <label className="theme">
      <span className="visually-hidden">Theme</span>
      <select value={theme} onChange={(event) => setTheme(event.target.value)}>
        <option value="auto">Auto</option>
        <option value="light">Light</option>
        <option value="dark">Dark</option>
      </select>
    </label>
  );
}

/** Asks for a token where the service wants one. */
function TokenPrompt() {
  const probe = useQuery({ queryKey: ["token"], queryFn: () => get<unknown>("/v1/strategies") });
  const [value, setValue] = useState("");
  if (!(probe.error instanceof ApiError && probe.error.status === 401)) return null;
  const use = () => {
    token.set(value.trim());
    location.reload();
  };
  return (
    <form className="card token" onSubmit={(event) => { event.preventDefault(); use(); }}>
      <label htmlFor="token">This service needs a token. <code>nascent token create</code> makes one.</label>
      <input id="token" type="password" autoComplete="off" value={value} onChange={(event) => setValue(event.target.value)} />
      <button type="submit" className="primary">Use token</button>
    </form>
  );
}
