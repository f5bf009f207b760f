import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { App } from "./app";
import { ApiError } from "./api/client";
import "./styles.css";

// A wrong request stays wrong; everything else is tried again.
const retry = (failures: number, error: Error) => failures < 2 && !(error instanceof ApiError && error.status < 500);
const client = new QueryClient({ defaultOptions: { queries: { retry, staleTime: 1000 } } });
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <BrowserRouter>
          <App />
        </BrowserRouter>
      </QueryClientProvider>
    </StrictMode>,
  );
}
