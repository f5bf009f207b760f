"""Optuna's trials per second on PostgreSQL: the reference of `make bench-coordinator`.

usage: optuna_reference.py DATABASE_URL TRIALS CLIENTS REPORTS
Prints one number: trials per second over all clients. Ten parameters per trial, random sampler, a no-op objective,
the same life of a trial as ours: propose, run, report intermediate values, finish.
"""

import multiprocessing
import sys
import time

import optuna

PARAMETERS = 10


def storage(url: str) -> optuna.storages.RDBStorage:
    return optuna.storages.RDBStorage(url.replace("postgres://", "postgresql+psycopg2://"))


def objective(reports: int):
    def run(trial: optuna.Trial) -> float:
        total = sum(trial.suggest_float(f"x{i}", 0.0, 1.0) for i in range(PARAMETERS))
        for step in range(reports):
            trial.report(total, step)
        return total

    return run


def client(url: str, trials: int, reports: int, barrier) -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.load_study(study_name="bench", storage=storage(url), sampler=optuna.samplers.RandomSampler())
    barrier.wait()
    study.optimize(objective(reports), n_trials=trials)


def main() -> None:
    url, trials, clients, reports = sys.argv[1], *map(int, sys.argv[2:5])
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    optuna.create_study(study_name="bench", storage=storage(url))
    barrier = multiprocessing.Barrier(clients + 1)
    share = max(1, trials // clients)
    processes = [multiprocessing.Process(target=client, args=(url, share, reports, barrier)) for _ in range(clients)]
    for process in processes:
        process.start()
    barrier.wait()
    start = time.monotonic()
    for process in processes:
        process.join()
    print(share * clients / (time.monotonic() - start))


if __name__ == "__main__":
    main()
