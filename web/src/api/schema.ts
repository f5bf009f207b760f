// Generated from openapi.json by `npm run api`; do not edit.
export interface paths {
    "/v1/artifacts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stores the body as an artifact of leased work. `x-content-sha256` announces its hash. */
        post: operations["post_artifacts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/artifacts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The bytes, whole or a range. */
        get: operations["get_artifacts_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/catalogue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The ready-made spaces. */
        get: operations["get_catalogue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/datasets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Data sets that some worker has. */
        get: operations["get_datasets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Changes of all studies. */
        get: operations["get_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/latency-tables": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All latency tables, by device and batch. */
        get: operations["get_latency-tables"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/latency-tables/{device}/{batch}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One latency table with its entries. */
        get: operations["get_latency-tables_device_batch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/latency-tables/{device}/{batch}/document": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same table as a document for a study's options (`latency_table` of `fbnet`). */
        get: operations["get_latency-tables_device_batch_document"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One run with its result, attempts, artifacts and decisions. */
        get: operations["get_runs_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{id}/curves": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The curves of a run by metric, as its last attempt left them. */
        get: operations["get_runs_id_curves"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Stored spaces, newest first. */
        get: operations["get_spaces"];
        put?: never;
        /** Checks and stores a space: `{"document": …}` or `{"builtin": {"name", "options"}}`. */
        post: operations["post_spaces"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces/count": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Checks and counts a space without storing it. */
        post: operations["post_spaces_count"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A stored space. */
        get: operations["get_spaces_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces/{id}/inspect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Shapes, parameters and FLOPs of a genotype, layer by layer. */
        post: operations["post_spaces_id_inspect"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces/{id}/sample": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Random genotypes of a stored space. */
        get: operations["get_spaces_id_sample"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/strategies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The strategies. */
        get: operations["get_strategies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/studies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Studies, newest first. */
        get: operations["get_studies"];
        put?: never;
        /** Submits a study; it starts at once. With an `Idempotency-Key` the same body can be sent again and makes no second one. */
        post: operations["post_studies"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/studies/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Checks a study document as a submission would, and stores nothing. */
        post: operations["post_studies_check"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/studies/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One study with its progress. */
        get: operations["get_studies_id"];
        put?: never;
        post?: never;
        /** Deletes an ended study with its trials and artifacts. */
        delete: operations["delete_studies_id"];
        options?: never;
        head?: never;
        /** Changes name and limits while it runs (JSON merge patch). */
        patch: operations["patch_studies_id"];
        trace?: never;
    };
    "/v1/studies/{id}/best": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What to take away: the final trials if there are any, else the best of the search; the baseline last. */
        get: operations["get_studies_id_best"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/studies/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends at once: all leases end. */
        post: operations["post_studies_id_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/studies/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Changes of one study, its trials and their curves. */
        get: operations["get_studies_id_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/studies/{id}/insights": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the strategy shows of itself. */
        get: operations["get_studies_id_insights"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/studies/{id}/pareto": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The Pareto-optimal completed trials; with one objective the best. */
        get: operations["get_studies_id_pareto"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/studies/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stops giving out work; running trials checkpoint and wait. */
        post: operations["post_studies_id_pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/studies/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Goes on after a pause. */
        post: operations["post_studies_id_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/studies/{id}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Runs of a study in the order of creation, page by page. */
        get: operations["get_studies_id_runs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/studies/{id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends gently: running trials stop after their epoch and keep their metrics. */
        post: operations["post_studies_id_stop"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/studies/{id}/trials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Trials of a study, page by page. */
        get: operations["get_studies_id_trials"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All tokens that are not revoked. */
        get: operations["get_tokens"];
        put?: never;
        /** Makes a token; the answer holds its secret. */
        post: operations["post_tokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revokes a token at once. */
        delete: operations["delete_tokens_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trials/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One trial with its candidate, attempts and artifacts. */
        get: operations["get_trials_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trials/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes a trial back from whoever has it. */
        post: operations["post_trials_id_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trials/{id}/curve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The learning curve, by metric and epoch. */
        get: operations["get_trials_id_curve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trials/{id}/graph": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A drawing of the network. */
        get: operations["get_trials_id_graph"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/work/lease": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Leases one piece of work; waits up to `wait_seconds` for some (long poll). */
        post: operations["post_work_lease"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/work/{id}/outcome": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** How the work ended; the same outcome twice is one. `next` takes the next lease in the same request. */
        post: operations["post_work_id_outcome"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/work/{id}/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Heartbeat, curve points and checkpoint in one message; the answer says what to do. */
        post: operations["post_work_id_report"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All workers, the one last heard of first. */
        get: operations["get_workers"];
        put?: never;
        /** Registers a worker, or replaces what it said of itself before. */
        post: operations["post_workers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description When the two kinds of step are taken. */
        Alternation: "architecture_first" | "weights_first" | "epochs";
        /** @description Training of the architecture's logits by gradient, with Adam. */
        Architecture: {
            alternation: components["schemas"]["Alternation"];
            /**
             * Format: double
             * @description Weight of `mean over rows of logsumexp(a)` at the last epoch, growing linearly from 0 (beta-decay); 0 for none.
             * @default 0
             */
            beta_decay: number;
            betas: number[];
            /** @description Present when a controller takes the place of the logits. */
            controller?: components["schemas"]["Controller"] | null;
            /**
             * Format: double
             * @description Logits start as `deviation * N(0, 1)`; 0 for equal ones.
             */
            deviation: number;
            /** Format: double */
            lr: number;
            /** @description Relaxation of the architecture's steps; may differ from that of the weights' (SETN). */
            mixture: components["schemas"]["Mixture"];
            order: components["schemas"]["Order"];
            /**
             * Format: uint32
             * @description Epochs at the start in which the logits rest.
             */
            warmup_epochs: number;
            /**
             * Format: double
             * @description L2 term added to the gradient.
             */
            weight_decay: number;
        };
        /** @description An artifact of the object store, by id. */
        ArtifactRef: string;
        ArtifactView: {
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            name: string;
            sha256: string;
            /** Format: int64 */
            size: number;
            /** Format: uuid */
            study_id: string;
            /** Format: uuid */
            trial_id?: string | null;
        };
        /** @description One lease of a trial's work and how it ended. */
        AttemptView: {
            /** Format: int32 */
            attempt: number;
            /** Format: date-time */
            created_at: string;
            outcome: components["schemas"]["Outcome"];
        };
        BTreeMap: {
            [key: string]: number;
        };
        BestView: {
            /** @description Metrics and free statistics together. */
            metrics: components["schemas"]["BTreeMap"];
            /** Format: uuid */
            trial_id: string;
        };
        /** @description Limits; at least one of `max_trials`, `max_epochs`, `timeout_seconds` must be given. All may change while the study runs. */
        Budget: {
            /**
             * Format: uint32
             * @description Attempts of one trial, worker crashes included.
             * @default 3
             */
            max_attempts: number;
            /**
             * Format: uint64
             * @description Epochs over all trials.
             */
            max_epochs?: number | null;
            /**
             * Format: uint64
             * @description The study fails when more trials than this have failed.
             */
            max_failed_trials?: number | null;
            /** Format: uint64 */
            max_trials?: number | null;
            /**
             * Format: uint32
             * @description Trials in flight at once.
             * @default 4
             */
            parallel_trials: number;
            /**
             * Format: double
             * @description Wall time from the start of the study, seconds (pauses not counted).
             */
            timeout_seconds?: number | null;
        };
        /** @description Something that is chosen by name and has options. */
        Choice: {
            name: string;
            /** @description JSON schema of the options. */
            options: Record<string, never>;
            summary: string;
        };
        /** @description Bounds on a free statistic, checked before anything is trained. */
        Constraint: {
            /** Format: double */
            max?: number | null;
            /** @description `params`, `flops`, `depth`. */
            metric: string;
            /** Format: double */
            min?: number | null;
        };
        /** @description ENAS' controller (section 6.6): a recurrent network that draws paths, trained by REINFORCE after every epoch. */
        Controller: {
            /** Format: double */
            baseline_decay: number;
            /** Format: double */
            clip_norm: number;
            /** Format: double */
            entropy_weight: number;
            /** Format: uint32 */
            samples: number;
            /** Format: double */
            tanh_constant: number;
            /** Format: double */
            temperature: number;
            /** Format: uint32 */
            updates: number;
        };
        CostForm: "paper" | "log_of_power" | "additive";
        /** @description The cost of an architecture in its loss (FBNet, section 2.3). */
        CostTerm: {
            /** Format: double */
            alpha: number;
            /** Format: double */
            beta: number;
            form: components["schemas"]["CostForm"];
            source: components["schemas"]["Source"];
        };
        CreatedToken: components["schemas"]["TokenView"] & {
            /** @description The token itself; it is never shown again. */
            secret: string;
        };
        /**
         * @description One point of a learning curve. Points are keyed by (work, metric, step): a resumed run overwrites the
         *     points after its checkpoint.
         */
        CurvePoint: {
            metric: string;
            /**
             * Format: uint32
             * @description Epochs finished when the value was taken.
             */
            step: number;
            /** Format: double */
            value: number;
        };
        CurveView: {
            /** Format: int32 */
            attempt: number;
            metric: string;
            /** Format: int32 */
            step: number;
            /** Format: double */
            value: number;
        };
        DatasetView: {
            name: string;
        };
        /** @description One decision of a supernet: a probability per label. */
        DecisionView: {
            /** @description The part of the network that it belongs to (`network.cells.normal`), or nothing. */
            group: string;
            id: string;
            labels: string[];
        };
        /** @description How logits become a network. */
        Derivation: "strongest" | "finalists";
        /**
         * @description Which values of a metric are better.
         * @enum {string}
         */
        Direction: "minimize" | "maximize";
        /** @description What the worker is to do next. */
        Directive: "continue" | "stop" | "release" | "cancel";
        /** @description One epoch of the search. */
        EpochRecord: {
            architectures: {
                [key: string]: number[];
            };
            /**
             * Format: uint32
             * @description Counted from 1.
             */
            epoch: number;
            /** @description The network that would be derived now. */
            genotype?: components["schemas"]["Genotype"] | null;
            /** @description `train_loss`, `loss`, `top1`, `entropy`, `skip_count`, `lambda_max`, `expected_cost`, `temperature`, … */
            metrics: {
                [key: string]: number;
            };
        };
        /** @description Something that happened, for streams. The client fetches what it shows; an event says what has changed. */
        EventView: {
            data: Record<string, never>;
            /**
             * Format: int64
             * @description Present for events that are kept (`Last-Event-ID`); passing ones (a curve point) have none.
             */
            id?: number | null;
            /** @description `study`, `trial`, `run` or `curve`; for a run, `data` has its `run_id`. */
            kind: string;
            /** Format: uuid */
            study_id: string;
            /** Format: uuid */
            trial_id?: string | null;
        };
        /** @description Why work failed. *Infeasible* candidates are never tried again, the others up to `max_attempts`. */
        FailureReason: ("out_of_memory" | "other") | "diverged" | "invalid_input" | "crashed" | "lease_expired" | "no_metrics";
        /** @description The end of a study: the best candidates retrained on training and validation split, tested once, exported. */
        FinalTraining: {
            /**
             * @description A hand-made candidate trained and tested beside the best with the same epochs: a genotype of the space or a
             *     candidate document.
             */
            baseline?: unknown;
            /**
             * Format: uint32
             * @default 1
             */
            candidates: number;
            /** Format: uint32 */
            epochs: number;
        };
        /** @description A network judged by the shared weights. */
        Finalist: {
            genotype: components["schemas"]["Genotype"];
            /** Format: double */
            loss: number;
            /** Format: double */
            top1: number;
        };
        /** @description Networks drawn at the end and judged by the shared weights. */
        Finalists: {
            /**
             * Format: uint32
             * @description Batches of the validation split that each is judged on; 0 for all.
             */
            batches: number;
            /** Format: uint32 */
            count: number;
            /** @description How they are drawn: `UniformPath`, `SampledPath` or `Controller`. */
            from: components["schemas"]["Mixture"];
        };
        /** @description A genotype in canonical, flat form: choices in traversal order. Only the space can read it. */
        Genotype: components["schemas"]["GenotypeChoice"][];
        /** @description One choice of a flat genotype. */
        GenotypeChoice: number;
        /** @description Things a strategy can show of itself; a closed set that the dashboard can draw. */
        Insight: {
            /** @constant */
            insight: "series";
            lines: {
                [key: string]: number[][];
            };
            title: string;
            x: string;
            y: string;
        } | {
            columns: string[];
            /** @constant */
            insight: "heatmap";
            rows: string[];
            title: string;
            values: number[][];
        } | {
            columns: string[];
            /** @constant */
            insight: "table";
            rows: string[][];
            title: string;
        } | {
            /** @constant */
            insight: "text";
            text: string;
            title: string;
        };
        Insights: components["schemas"]["Insight"][];
        InspectBody: {
            /** @description Flat, nested or dictionary form. */
            genotype: Record<string, never>;
        };
        Inspection: {
            candidate: Record<string, never>;
            /**
             * Format: int64
             * @description Multiply-adds of one sample.
             */
            flops?: number | null;
            layers: components["schemas"]["LayerCost"][];
            /** Format: int64 */
            params?: number | null;
        };
        /** @description Time of a forward pass, microseconds. */
        Latency: {
            /** Format: double */
            mean_us: number;
            /** Format: double */
            median_us: number;
            /** Format: uint32 */
            runs: number;
        };
        /**
         * @description Latencies of a space's operators on one device. A worker's measurements come by signature; a table made by hand may give
         *     rows by decision instead.
         */
        LatencyTable: {
            /**
             * Format: uint32
             * @description Images in one forward pass.
             * @default 0
             */
            batch: number;
            /**
             * @description For people: "cpu, 2 threads".
             * @default
             */
            device: string;
            /**
             * @description By signature of the operator.
             * @default {}
             */
            entries: {
                [key: string]: number;
            };
            /**
             * Format: double
             * @description Of the layers around the choices.
             * @default 0
             */
            fixed: number;
            /**
             * @description When and how it was measured, in the words of whoever did.
             * @default
             */
            measured_at: string;
            /**
             * @description By decision, in the order of its candidates; goes before the entries.
             * @default {}
             */
            rows: {
                [key: string]: number[];
            };
            /** @default us */
            unit: components["schemas"]["Unit"];
        };
        /** @description A latency table with its entries. Device and latencies stand as in the result of a `measure` run. */
        LatencyTableDetail: {
            /** Format: int32 */
            batch: number;
            device: string;
            /** @description By signature of the graph. */
            latencies: {
                [key: string]: components["schemas"]["LatencyView"];
            };
        };
        /** @description A latency table without its entries. */
        LatencyTableView: {
            /** Format: int32 */
            batch: number;
            device: string;
            /** Format: int64 */
            entries: number;
            /**
             * Format: date-time
             * @description When its newest entry was measured.
             */
            newest: string;
            /** Format: date-time */
            oldest: string;
        };
        /** @description Time of a forward pass, microseconds. */
        LatencyView: {
            /** Format: double */
            mean_us: number;
            /** Format: date-time */
            measured_at: string;
            /** Format: double */
            median_us: number;
            /** Format: int32 */
            runs: number;
        };
        /** @description A row of the per-layer table. */
        LayerCost: {
            /**
             * Format: uint64
             * @description Multiply-adds for one sample.
             */
            flops: number;
            /** @description Shape of the first value that the block reads from outside. */
            input: components["schemas"]["Shape"];
            name: string;
            operator: string;
            output: components["schemas"]["Shape"];
            /** Format: uint64 */
            params: number;
        };
        /** @description A piece of work lent to one worker until `deadline`; every report renews it. */
        Lease: {
            /**
             * Format: uint32
             * @description 1 for the first attempt.
             */
            attempt: number;
            /** @description The newest checkpoint of an earlier attempt. */
            checkpoint?: components["schemas"]["ArtifactRef"] | null;
            /** @description RFC 3339 time at which the lease ends unless renewed. */
            deadline: string;
            /**
             * Format: double
             * @description How often to report at the latest.
             */
            heartbeat_seconds: number;
            study_id: string;
            /** @description Fencing token: reports and outcomes under another token get 409. */
            token: string;
            /** @description Absent for work that is not a trial (supernets). */
            trial_id?: string | null;
            work: components["schemas"]["Work"];
            /** @description Id of the work. */
            work_id: string;
        };
        /** @description Asks for one piece of work. The server holds the request for up to `wait_seconds` (long poll). */
        LeaseRequest: {
            /**
             * @description Data sets that the worker has; `None` takes work for any (external trainers).
             * @default null
             */
            datasets: string[] | null;
            kinds: components["schemas"]["WorkKind"][];
            /**
             * Format: uint32
             * @default 0
             */
            slot: number;
            /**
             * @description Take only work of this study.
             * @default null
             */
            study: string | null;
            /**
             * Format: uint32
             * @default 0
             */
            wait_seconds: number;
            /** @description The worker's name. Work that this name and slot left unfinished is given back first. */
            worker: string;
        };
        /** @description The limits in force now; they start from the document's budget and can be changed. */
        LimitsView: {
            /** Format: int32 */
            max_attempts: number;
            /** Format: int64 */
            max_epochs?: number | null;
            /** Format: int64 */
            max_failed_trials?: number | null;
            /** Format: int64 */
            max_trials?: number | null;
            /** Format: int32 */
            parallel_trials: number;
            /** Format: double */
            timeout_seconds?: number | null;
        };
        /** @description Latencies by signature, with where they were taken. */
        MeasureResult: {
            /** @description As the worker calls its device (`cpu, 2 threads`). */
            device: string;
            latencies: {
                [key: string]: components["schemas"]["Latency"];
            };
        };
        /** @description Measure the latency of graphs on this worker's device. The outcome's `result` is a [`MeasureResult`]. */
        MeasureWork: {
            /** Format: uint32 */
            batch: number;
            /** @description Closed graphs by signature: operators at their real input shapes, or whole networks. */
            graphs: {
                [key: string]: unknown;
            };
            /**
             * Format: uint32
             * @description Timed runs of each graph after the warm-up; at least 50 for a latency table.
             */
            runs: number;
        };
        /** @description A relaxation: weights of the candidates of a choice from its logits `a`. */
        Mixture: {
            /** @constant */
            mixture: "softmax";
        } | {
            detach_max: boolean;
            /** @constant */
            mixture: "max_w";
        } | {
            /** @constant */
            mixture: "gumbel";
            temperature: components["schemas"]["Temperature"];
        } | {
            /** @constant */
            mixture: "hard_gumbel";
            temperature: components["schemas"]["Temperature"];
            unsampled: boolean;
        } | {
            /** @constant */
            mixture: "uniform_path";
            per_node: boolean;
        } | {
            /** @constant */
            mixture: "sampled_path";
        } | {
            /** @constant */
            mixture: "controller";
        };
        /** @description A file that came out of the work. */
        NamedArtifact: {
            id: components["schemas"]["ArtifactRef"];
            /** @description `weights`, `description`, `torchscript`, `checkpoint`, `log`, … */
            name: string;
        };
        NewToken: {
            /** @description For people: whose it is. */
            name: string;
            role: components["schemas"]["Role"];
        };
        /** @description One objective of a study. */
        Objective: {
            direction: components["schemas"]["Direction"];
            /**
             * Format: double
             * @description The study is complete when a trial reaches this value (single-objective studies).
             */
            goal?: number | null;
            /** @description A metric that trials report (`top1`, `loss`) or a free statistic of the candidate (`params`, `flops`). */
            metric: string;
        };
        /** @description What a search network has that its children do not. */
        Opening: {
            /**
             * Format: uint
             * @description The operators of an open edge work on one channel of so many, the others pass by; 1 for all channels (PC-DARTS,
             *     section 7).
             * @default 1
             */
            partial_channels: number;
        };
        /** @description Gradient of the bilevel problem (DARTS, section 3). */
        Order: "first" | "second";
        /** @description The outcome of one lease. */
        Outcome: {
            /** @default [] */
            artifacts: components["schemas"]["NamedArtifact"][];
            metrics: {
                [key: string]: number;
            };
            /** @description What a `supernet`, `score` or `measure` run found, for the strategy that asked. */
            result?: unknown;
            /** @constant */
            state: "done";
        } | {
            /** @default [] */
            artifacts: components["schemas"]["NamedArtifact"][];
            /** Format: uint32 */
            epoch: number;
            metrics: {
                [key: string]: number;
            };
            /** @constant */
            state: "stopped";
        } | {
            detail: string;
            /** @constant */
            state: "infeasible";
        } | {
            detail: string;
            reason: components["schemas"]["FailureReason"];
            /** @constant */
            state: "failed";
        } | {
            /** @constant */
            state: "released";
        };
        /** @description The answer to an outcome. */
        OutcomeAnswer: {
            next?: components["schemas"]["Lease"];
            /** @description `false`: the same outcome was recorded before. */
            recorded: boolean;
        };
        /** @description How a lease ended. */
        OutcomeBody: {
            next?: components["schemas"]["LeaseRequest"];
            outcome: components["schemas"]["Outcome"];
            /** @description The lease's fencing token. */
            token: string;
        };
        /** @description A page of a list; `next` is the cursor of the following page. */
        Page_RunView: {
            items: {
                /**
                 * Format: int32
                 * @description 0 while it waits for its first worker.
                 */
                attempt: number;
                /** Format: date-time */
                created_at: string;
                /** @description The same in words. */
                detail?: string | null;
                /** Format: date-time */
                ended_at?: string | null;
                /**
                 * Format: int32
                 * @description Epochs it is to run; 0 for work without epochs.
                 */
                epochs: number;
                /** Format: int32 */
                epochs_done: number;
                /** Format: uuid */
                id: string;
                /** @description `supernet`, `score` or `measure`. */
                kind: string;
                /** @description Newest values of the usual metrics (`loss`, `top1`, `train_loss`, `skip_count`, `lambda_max`, …). */
                latest: components["schemas"]["BTreeMap"];
                /**
                 * Format: double
                 * @description Share that is done, 0 to 1.
                 */
                progress: number;
                /**
                 * @description Why the last attempt ended, unless it came to its end: a failure's reason (`diverged`, `out_of_memory`, …),
                 *     `infeasible` or `stopped`. A run that waits for its next attempt has one too.
                 */
                reason?: string | null;
                /** @description `queued`, `held` (its study is paused), `leased`, `done`, `failed` or `cancelled`. */
                state: string;
                /** Format: uuid */
                study_id: string;
                /**
                 * Format: int64
                 * @description The strategy's name for the order.
                 */
                tag?: number | null;
                /** @description Who has it, or had it last. */
                worker?: string | null;
            }[];
            next?: string | null;
        };
        /** @description A page of a list; `next` is the cursor of the following page. */
        Page_SpaceView: {
            items: {
                /** @description `{"name", "options"}` of a ready-made space. */
                builtin?: Record<string, never> | null;
                /** Format: date-time */
                created_at: string;
                document: Record<string, never>;
                /** @description The fingerprint of its canonical form. */
                id: string;
                name: string;
                /** @description Number of genotypes as a decimal string, "-1" when infinite. */
                size: string;
            }[];
            next?: string | null;
        };
        /** @description A page of a list; `next` is the cursor of the following page. */
        Page_StudyView: {
            items: {
                best?: components["schemas"]["BestView"] | null;
                counts: components["schemas"]["TrialCounts"];
                /** Format: date-time */
                created_at: string;
                document: components["schemas"]["StudyDocument"];
                /** Format: date-time */
                finished_at?: string | null;
                /** Format: uuid */
                id: string;
                limits: components["schemas"]["LimitsView"];
                name: string;
                /** @description `search` while candidates are proposed, `final` while the best are retrained and tested. */
                phase: string;
                progress: components["schemas"]["ProgressView"];
                /** @description Why it ended or is ending. */
                reason?: string | null;
                /**
                 * Format: double
                 * @description Estimate from the pace so far; absent when there is nothing to go by.
                 */
                seconds_left?: number | null;
                space_id: string;
                /** Format: date-time */
                started_at?: string | null;
                /** @description `draft`, `running`, `paused`, `stopping`, `completed`, `stopped` or `failed`. */
                state: string;
            }[];
            next?: string | null;
        };
        /** @description A page of a list; `next` is the cursor of the following page. */
        Page_TrialView: {
            items: {
                /**
                 * Format: int32
                 * @description 0 while it waits for its first worker.
                 */
                attempt: number;
                baseline: boolean;
                /** Format: date-time */
                created_at: string;
                /**
                 * Format: int32
                 * @description Epochs it is to be trained.
                 */
                epochs: number;
                /** Format: int32 */
                epochs_done: number;
                /** @description Whether it is a final training (judged on the test split). */
                final: boolean;
                /** Format: date-time */
                finished_at?: string | null;
                /** @description Flat genotype; null for a baseline given as a candidate document. */
                genotype?: number[] | null;
                /** Format: uuid */
                id: string;
                metrics: components["schemas"]["BTreeMap"];
                /**
                 * Format: int64
                 * @description 1, 2, 3 … in the order of proposal.
                 */
                number: number;
                reason?: string | null;
                /** Format: date-time */
                started_at?: string | null;
                /** @description `waiting`, `running`, `paused`, `completed`, `pruned`, `infeasible`, `failed` or `cancelled`. */
                state: string;
                statistics: components["schemas"]["BTreeMap"];
                /** Format: uuid */
                study_id: string;
                worker?: string | null;
            }[];
            next?: string | null;
        };
        /** @description What is wrong with a request, and where. */
        Problem: {
            /** @description A sentence about this case. */
            detail: string;
            /** @description All faults of the document that was sent. */
            errors?: components["schemas"]["ProblemFault"][];
            /** Format: int32 */
            status: number;
            title: string;
            /** @description Stable name of the kind of problem. */
            type: string;
        };
        ProblemFault: {
            detail: string;
            /** @description JSON pointer into the document that was sent. */
            pointer: string;
        };
        ProgressView: {
            /** Format: int64 */
            epochs: number;
            /**
             * Format: double
             * @description Running time without pauses.
             */
            seconds: number;
            /**
             * Format: double
             * @description How much of the tightest limit is used up, 0 to 1.
             */
            share: number;
            /**
             * Format: int64
             * @description Trials that ended, infeasible ones that cost nothing left out.
             */
            trials: number;
        };
        Registered: {
            /** @description The worker's name. */
            id: string;
        };
        /** @description A heartbeat, with whatever came up since the last one. */
        Report: {
            /**
             * @description A checkpoint that another attempt could go on from.
             * @default null
             */
            checkpoint: components["schemas"]["ArtifactRef"] | null;
            /** @default [] */
            points: components["schemas"]["CurvePoint"][];
            /**
             * Format: double
             * @description Share of the work that is done, 0 to 1.
             * @default null
             */
            progress: number | null;
            token: string;
        };
        /** @description The answer to a report. */
        ReportAnswer: {
            /** @description RFC 3339 time at which the renewed lease ends. */
            deadline: string;
            directive: components["schemas"]["Directive"];
        };
        /**
         * @description What a token allows. `Admin` manages tokens, `User` runs studies, `Worker` leases and reports.
         * @enum {string}
         */
        Role: "admin" | "user" | "worker";
        /** @description The course of one metric. */
        RunCurve: {
            metric: string;
            /** @description Epochs finished, ascending. */
            steps: number[];
            /** @description A value per step. */
            values: number[];
        };
        /** @description A run with everything that belongs to it. */
        RunDetail: components["schemas"]["RunView"] & {
            artifacts: components["schemas"]["ArtifactView"][];
            attempts: components["schemas"]["AttemptView"][];
            /** @description The decisions of a supernet, in the order in which they stand in the network. */
            decisions: components["schemas"]["DecisionView"][];
            /**
             * Format: int32
             * @description How many operators the network that comes out has in its largest group of decisions.
             */
            edges?: number | null;
            result?: components["schemas"]["RunResult"];
        };
        /** @description What a supernet, a score or a measure run found */
        RunResult: components["schemas"]["SupernetResult"] | components["schemas"]["ScoreResult"] | components["schemas"]["MeasureResult"] | null;
        /** @description Work of a study that is no trial. */
        RunView: {
            /**
             * Format: int32
             * @description 0 while it waits for its first worker.
             */
            attempt: number;
            /** Format: date-time */
            created_at: string;
            /** @description The same in words. */
            detail?: string | null;
            /** Format: date-time */
            ended_at?: string | null;
            /**
             * Format: int32
             * @description Epochs it is to run; 0 for work without epochs.
             */
            epochs: number;
            /** Format: int32 */
            epochs_done: number;
            /** Format: uuid */
            id: string;
            /** @description `supernet`, `score` or `measure`. */
            kind: string;
            /** @description Newest values of the usual metrics (`loss`, `top1`, `train_loss`, `skip_count`, `lambda_max`, …). */
            latest: components["schemas"]["BTreeMap"];
            /**
             * Format: double
             * @description Share that is done, 0 to 1.
             */
            progress: number;
            /**
             * @description Why the last attempt ended, unless it came to its end: a failure's reason (`diverged`, `out_of_memory`, …),
             *     `infeasible` or `stopped`. A run that waits for its next attempt has one too.
             */
            reason?: string | null;
            /** @description `queued`, `held` (its study is paused), `leased`, `done`, `failed` or `cancelled`. */
            state: string;
            /** Format: uuid */
            study_id: string;
            /**
             * Format: int64
             * @description The strategy's name for the order.
             */
            tag?: number | null;
            /** @description Who has it, or had it last. */
            worker?: string | null;
        };
        Sample: {
            genotype: number[];
            key: string;
            value: Record<string, never>;
        };
        /** @description Metrics (`top1`, `loss`) of every genotype of a [`ScoreWork`], in its order. */
        ScoreResult: {
            scores: {
                [key: string]: number;
            }[];
        };
        /**
         * @description Evaluate many genotypes with inherited supernet weights on the validation split. The outcome's `result` is a
         *     [`ScoreResult`].
         */
        ScoreWork: {
            /**
             * Format: uint32
             * @description Images in one forward pass.
             */
            batch: number;
            /**
             * Format: uint32
             * @description Batches of validation images for each genotype; 0 for all.
             * @default 0
             */
            batches: number;
            dataset: string;
            /** @description Flat genotypes. */
            genotypes: components["schemas"]["Genotype"][];
            /**
             * @description The opening that the supernet was trained with.
             * @default {
             *       "partial_channels": 1
             *     }
             */
            opening: components["schemas"]["Opening"];
            /**
             * Format: uint32
             * @description Batches of training images for re-estimating the batch norms' statistics; 0 judges with the statistics of each
             *     batch.
             * @default 0
             */
            recalibration_batches: number;
            /** Format: uint64 */
            seed: number;
            space: unknown;
            supernet: components["schemas"]["ArtifactRef"];
        };
        /** @description The shape of one value, without the batch axis. */
        Shape: {
            image: {
                /** Format: uint */
                channels: number;
                /** Format: uint */
                height: number;
                /** Format: uint */
                width: number;
            };
        } | {
            tokens: {
                /** Format: uint */
                channels: number;
                /** Format: uint */
                tokens: number;
            };
        } | {
            vector: {
                /** Format: uint */
                channels: number;
            };
        } | {
            ids: {
                /** Format: uint */
                tokens: number;
            };
        };
        /** @description Where costs come from. */
        Source: {
            /** Format: double */
            fixed: number;
            /** @constant */
            of: "latency";
            rows: {
                [key: string]: number[];
            };
        } | {
            /** @constant */
            of: "flops";
        } | {
            /** @constant */
            of: "params";
        };
        /** @description What is known of a space without running anything. */
        SpaceCount: {
            decisions: number;
            fingerprint: string;
            name: string;
            /** @description Number of genotypes as a decimal string, "-1" when infinite. */
            size: string;
            vector_length: number;
        };
        /** @description Where the space comes from. */
        SpaceSource: {
            builtin: {
                name: string;
                /** @default {} */
                options: {
                    [key: string]: unknown;
                };
            };
        } | {
            document: unknown;
        } | {
            id: string;
        };
        SpaceView: {
            /** @description `{"name", "options"}` of a ready-made space. */
            builtin?: Record<string, never> | null;
            /** Format: date-time */
            created_at: string;
            document: Record<string, never>;
            /** @description The fingerprint of its canonical form. */
            id: string;
            name: string;
            /** @description Number of genotypes as a decimal string, "-1" when infinite. */
            size: string;
        };
        /** @description Which images a network is trained on and judged by. The test set appears in `Final` alone. */
        Split: "search" | "final";
        /** @description A strategy by name, with options. */
        StrategyChoice: {
            name: string;
            /** @default {} */
            options: {
                [key: string]: unknown;
            };
        };
        /** @description A strategy and how it searches. */
        StrategyView: components["schemas"]["Choice"] & {
            /** @description `train` where candidates are trained one by one, `supernet` where they share weights. */
            searches_by: string;
        };
        /** @description A study as submitted. Parsed with all faults at once by [`crate::study`]'s callers through serde and `check`. */
        StudyDocument: {
            budget: components["schemas"]["Budget"];
            /** @default [] */
            constraints: components["schemas"]["Constraint"][];
            /** @description Name of the data set; leave out for an external space whose trainer brings its own data. */
            dataset?: string | null;
            /** @description How the best candidates are trained and tested at the end; `null` for none. */
            final?: components["schemas"]["FinalTraining"] | null;
            name: string;
            objectives: components["schemas"]["Objective"][];
            /**
             * Format: uint64
             * @default 0
             */
            seed: number;
            space: components["schemas"]["SpaceSource"];
            /**
             * @default {
             *       "name": "evolution",
             *       "options": {}
             *     }
             */
            strategy: components["schemas"]["StrategyChoice"];
            /**
             * @default {
             *       "checkpoints": true,
             *       "epochs": 10,
             *       "recipe": {}
             *     }
             */
            training: components["schemas"]["Training"];
        };
        StudyView: {
            best?: components["schemas"]["BestView"] | null;
            counts: components["schemas"]["TrialCounts"];
            /** Format: date-time */
            created_at: string;
            document: components["schemas"]["StudyDocument"];
            /** Format: date-time */
            finished_at?: string | null;
            /** Format: uuid */
            id: string;
            limits: components["schemas"]["LimitsView"];
            name: string;
            /** @description `search` while candidates are proposed, `final` while the best are retrained and tested. */
            phase: string;
            progress: components["schemas"]["ProgressView"];
            /** @description Why it ended or is ending. */
            reason?: string | null;
            /**
             * Format: double
             * @description Estimate from the pace so far; absent when there is nothing to go by.
             */
            seconds_left?: number | null;
            space_id: string;
            /** Format: date-time */
            started_at?: string | null;
            /** @description `draft`, `running`, `paused`, `stopping`, `completed`, `stopped` or `failed`. */
            state: string;
        };
        /** @description How a supernet is opened, trained and read off. Written by strategies, carried out by workers. */
        SupernetPlan: {
            architecture?: components["schemas"]["Architecture"] | null;
            cost?: components["schemas"]["CostTerm"] | null;
            derivation: components["schemas"]["Derivation"];
            /**
             * @description Edges of a node are weighted by a softmax over logits of their own (PC-DARTS, section 7).
             * @default false
             */
            edge_normalisation: boolean;
            /** @description Choose by the shared weights among drawn networks instead of reading the logits. */
            finalists?: components["schemas"]["Finalists"] | null;
            /**
             * Format: uint
             * @description Least batch to fall back to by accumulation when the device has no memory for the recipe's; `None`: fail.
             */
            least_batch?: number | null;
            mixture: components["schemas"]["Mixture"];
            opening: components["schemas"]["Opening"];
            /** @description Recipe of the weights' training; fields as in a candidate's recipe. */
            recipe: {
                [key: string]: unknown;
            };
            /**
             * Format: uint32
             * @description Networks to draw from the final distribution beside the derived one (FBNet draws six).
             * @default 0
             */
            samples: number;
            /**
             * @default {
             *       "adapt": false,
             *       "eigenvalue_every": 0
             *     }
             */
            watch: components["schemas"]["Watch"];
            /**
             * Format: double
             * @description Share of the training split that trains the weights; the rest trains the architecture. 1 for no architecture.
             */
            weight_share: number;
            /**
             * @description Adds `none` in front of the operators of every edge that stands in a choice of edges: it takes probability and
             *     computes nothing (DARTS, section 1.1).
             * @default false
             */
            zero_operator: boolean;
        };
        SupernetResult: {
            /** @description Best first: the derived network, then samples of the distribution, or the finalists. */
            derived: components["schemas"]["Genotype"][];
            epochs: components["schemas"]["EpochRecord"][];
            /** @default [] */
            finalists: components["schemas"]["Finalist"][];
            /** @description Labels of the candidates by decision id, in the order of [`EpochRecord::architectures`]. */
            labels: {
                [key: string]: string[];
            };
            /** @description Why the search stopped before its last epoch. */
            stopped?: string | null;
        };
        /**
         * @description Train the shared weights of a supernet under a relaxation. The outcome's `result` is a
         *     [`SupernetResult`](crate::supernet::SupernetResult), its artifact `supernet` the weights for [`ScoreWork`] and
         *     [`TrainWork::inherit`].
         */
        SupernetWork: {
            dataset: string;
            /** Format: uint32 */
            epochs: number;
            /** @description Weights of an earlier supernet of the same space to start from. */
            inherit?: components["schemas"]["ArtifactRef"] | null;
            plan: components["schemas"]["SupernetPlan"];
            /** Format: uint64 */
            seed: number;
            /** @description The space document, decisions left open. */
            space: unknown;
        };
        /** @description Temperature of a gumbel softmax over the epochs. */
        Temperature: {
            /** @constant */
            course: "linear";
            /** Format: double */
            end: number;
            /** Format: double */
            start: number;
        } | {
            /** @constant */
            course: "exponential";
            /** Format: double */
            rate: number;
            /** Format: double */
            start: number;
        };
        TokenView: {
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            /** Format: date-time */
            last_used_at?: string | null;
            name: string;
            /** @description `admin`, `user` or `worker`. */
            role: string;
        };
        /** @description Train one child network, from scratch or from a checkpoint. */
        TrainWork: {
            /** @description The materialised candidate: `{"network": …, "recipe": …}`; any JSON for an external space. */
            candidate: unknown;
            /**
             * @description Whether to upload checkpoints while training.
             * @default false
             */
            checkpoints: boolean;
            /** @description Name of the data set; absent for an external space. */
            dataset?: string | null;
            /**
             * Format: uint32
             * @description Epochs to train in all (a resumed run goes on to this number).
             */
            epochs: number;
            /**
             * @description Whether to upload the trained network (`weights`, `description`, `torchscript`).
             * @default false
             */
            export: boolean;
            /** @description Supernet weights to start from. */
            inherit?: components["schemas"]["ArtifactRef"] | null;
            /** @description Names of the metrics that the outcome must carry. */
            metrics: string[];
            /**
             * Format: uint64
             * @description Seeds weights, data order, augmentation and dropout.
             */
            seed: number;
            split: components["schemas"]["Split"];
        };
        /** @description How candidates are trained during the search. */
        Training: {
            /** @default true */
            checkpoints: boolean;
            /**
             * Format: uint32
             * @description Epochs of one trial.
             * @default 10
             */
            epochs: number;
            /**
             * @description Recipe fields that replace the candidate's (`{"batch_size": 64}`).
             * @default {}
             */
            recipe: {
                [key: string]: unknown;
            };
        };
        TrialCounts: {
            /** Format: int64 */
            cancelled: number;
            /** Format: int64 */
            completed: number;
            /** Format: int64 */
            failed: number;
            /** Format: int64 */
            infeasible: number;
            /** Format: int64 */
            paused: number;
            /** Format: int64 */
            pruned: number;
            /** Format: int64 */
            running: number;
            /** Format: int64 */
            waiting: number;
        };
        /** @description A trial with everything that belongs to it. */
        TrialDetail: components["schemas"]["TrialView"] & {
            artifacts: components["schemas"]["ArtifactView"][];
            attempts: components["schemas"]["AttemptView"][];
            /** @description The candidate document: network and recipe as they are trained. */
            candidate: Record<string, never>;
        };
        TrialView: {
            /**
             * Format: int32
             * @description 0 while it waits for its first worker.
             */
            attempt: number;
            baseline: boolean;
            /** Format: date-time */
            created_at: string;
            /**
             * Format: int32
             * @description Epochs it is to be trained.
             */
            epochs: number;
            /** Format: int32 */
            epochs_done: number;
            /** @description Whether it is a final training (judged on the test split). */
            final: boolean;
            /** Format: date-time */
            finished_at?: string | null;
            /** @description Flat genotype; null for a baseline given as a candidate document. */
            genotype?: number[] | null;
            /** Format: uuid */
            id: string;
            metrics: components["schemas"]["BTreeMap"];
            /**
             * Format: int64
             * @description 1, 2, 3 … in the order of proposal.
             */
            number: number;
            reason?: string | null;
            /** Format: date-time */
            started_at?: string | null;
            /** @description `waiting`, `running`, `paused`, `completed`, `pruned`, `infeasible`, `failed` or `cancelled`. */
            state: string;
            statistics: components["schemas"]["BTreeMap"];
            /** Format: uuid */
            study_id: string;
            worker?: string | null;
        };
        /** @description Unit of all numbers of a table. */
        Unit: "us";
        /** @description Signs of collapse and what is done about them (section 8). */
        Watch: {
            /**
             * @description On the trigger, restore the checkpoint of the stop epoch and go on with ten times the weight decay, up to 0.03
             *     (DARTS-ADA).
             * @default false
             */
            adapt: boolean;
            /**
             * Format: uint32
             * @description Epochs between two looks at the largest eigenvalue of the validation loss' Hessian in the logits; 0 for none.
             * @default 0
             */
            eigenvalue_every: number;
            /**
             * Format: double
             * @description Stop when the eigenvalue's average has grown by this factor, and go back to the genotype of the stop epoch
             *     (RobustDARTS).
             */
            eigenvalue_growth?: number | null;
            /**
             * Format: uint32
             * @description Most skip connections of a normal cell; the search stops at the epoch before there are more (DARTS+).
             */
            skip_cap?: number | null;
        };
        /** @description One leaseable unit for a worker. */
        Work: components["schemas"]["TrainWork"] | components["schemas"]["SupernetWork"] | components["schemas"]["ScoreWork"] | components["schemas"]["MeasureWork"];
        /**
         * @description The kinds of work without their contents; what a worker says it can do.
         * @enum {string}
         */
        WorkKind: "train" | "supernet" | "score" | "measure";
        /** @description What a worker says of itself when it registers. Registering again under the same name replaces the entry. */
        WorkerInfo: {
            /** @description Names of the data sets that it can read. */
            datasets: string[];
            /** @description For people: "cpu, 2 threads", "NVIDIA H100". */
            device: string;
            kinds: components["schemas"]["WorkKind"][];
            /** @description Stable identity, unique in the installation (a host name and a slot group, say). */
            name: string;
            /** Format: uint32 */
            slots: number;
            version: string;
        };
        WorkerView: {
            /**
             * Format: int64
             * @description Pieces of work it holds now.
             */
            busy: number;
            datasets: string[];
            device: string;
            kinds: string[];
            name: string;
            /** Format: date-time */
            registered_at: string;
            /** Format: date-time */
            seen_at: string;
            /** Format: int32 */
            slots: number;
            version: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    post_artifacts: {
        parameters: {
            query: {
                work_id: string;
                /** @description Token of the lease. */
                token: string;
                /** @description `weights`, `checkpoint`, `log`, … */
                name: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": number[];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ArtifactView"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_artifacts_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": number[];
                };
            };
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": number[];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_catalogue: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Choice"][];
                };
            };
        };
    };
    get_datasets: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DatasetView"][];
                };
            };
        };
    };
    get_events: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["EventView"];
                };
            };
        };
    };
    "get_latency-tables": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LatencyTableView"][];
                };
            };
        };
    };
    "get_latency-tables_device_batch": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                device: string;
                batch: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LatencyTableDetail"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get_latency-tables_device_batch_document": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                device: string;
                batch: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LatencyTable"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_runs_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunDetail"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_runs_id_curves: {
        parameters: {
            query?: {
                /** @description Only metrics whose name begins so (`p/` for the probabilities of an architecture). */
                prefix?: string;
                /** @description No metrics whose name begins so. */
                without?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunCurve"][];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_spaces: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_SpaceView"];
                };
            };
        };
    };
    post_spaces: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SpaceSource"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SpaceView"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_spaces_count: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SpaceSource"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SpaceCount"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_spaces_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SpaceView"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_spaces_id_inspect: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InspectBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Inspection"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_spaces_id_sample: {
        parameters: {
            query?: {
                /** @description How many, at most 1,000; 1 by default. */
                n?: number;
                /** @description `by_decision` (default) or `by_point`. */
                mode?: string;
                seed?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sample"][];
                };
            };
        };
    };
    get_strategies: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StrategyView"][];
                };
            };
        };
    };
    get_studies: {
        parameters: {
            query?: {
                /** @description Only studies in this state. */
                state?: string;
                /** @description `next` of the page before. */
                cursor?: string;
                /** @description Items of a page, at most 500. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_StudyView"];
                };
            };
        };
    };
    post_studies: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes repeated sending harmless */
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["StudyDocument"];
            };
        };
        responses: {
            /** @description Was submitted before */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StudyView"];
                };
            };
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StudyView"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_studies_check: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["StudyDocument"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_studies_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StudyView"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_studies_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patch_studies_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StudyView"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_studies_id_best: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrialView"][];
                };
            };
        };
    };
    post_studies_id_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StudyView"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_studies_id_events: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["EventView"];
                };
            };
        };
    };
    get_studies_id_insights: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Insights"];
                };
            };
        };
    };
    get_studies_id_pareto: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrialView"][];
                };
            };
        };
    };
    post_studies_id_pause: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StudyView"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_studies_id_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StudyView"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_studies_id_runs: {
        parameters: {
            query?: {
                /** @description `queued`, `held`, `leased`, `done`, `failed`, `cancelled`, or `live` for all that have not ended. */
                state?: string;
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_RunView"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_studies_id_stop: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StudyView"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_studies_id_trials: {
        parameters: {
            query?: {
                /** @description Only trials in this state. */
                state?: string;
                /** @description `number`, a metric or a statistic; `-` in front for descending. */
                sort?: string;
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TrialView"];
                };
            };
        };
    };
    get_tokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenView"][];
                };
            };
        };
    };
    post_tokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewToken"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedToken"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_tokens_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_trials_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrialDetail"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_trials_id_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrialView"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_trials_id_curve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CurveView"][];
                };
            };
        };
    };
    get_trials_id_graph: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/svg+xml": string;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_work_lease: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["LeaseRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Lease"];
                };
            };
            /** @description Nothing to do */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_work_id_outcome: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OutcomeBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OutcomeAnswer"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_work_id_report: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Report"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportAnswer"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_workers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkerView"][];
                };
            };
        };
    };
    post_workers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["WorkerInfo"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Registered"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
