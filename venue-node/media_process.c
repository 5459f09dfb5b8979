#include "venue-node/media_process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"

void tp_media_process_init(struct tp_media_process *process, const struct tp_venue_config *config,
                           const struct tp_clock *clock)
{
    *process = (struct tp_media_process){
        .program = config->media_program,
        .config_path = config->media_config,
        .clock = clock,
        .backoff_ms = TP_MEDIA_BACKOFF_FIRST_MS,
    };
}

/* In the child, so only what is safe after a fork of a program with threads. */
static void run_program(const struct tp_media_process *process, pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    /* SIGKILL: a child that took its time to end would remove the socket of the next one. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    /* Its `ready` line is not ours. */
    dup2(STDERR_FILENO, STDOUT_FILENO);
    close_range(3, ~0U, 0);
    char *program = (char *)(uintptr_t)process->program;
    char *config_path = (char *)(uintptr_t)process->config_path;
    char option[] = "--config";
    char *arguments[] = {program, option, config_path, NULL};
    execvp(program, arguments);
    _exit(127);
}

static void start(struct tp_media_process *process)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        run_program(process, parent);
    process->started_at = tp_clock_monotonic_ms(process->clock);
    if (pid < 0) {
        tp_log(TP_LOG_ERROR, "media.not_started", "error=%s", strerror(errno));
        process->start_not_before = process->started_at + TP_MEDIA_BACKOFF_MOST_MS;
        return;
    }
    process->pid = pid;
    tp_log(TP_LOG_INFO, "media.started", "pid=%d", (int)pid);
}

static void note_death(struct tp_media_process *process, int how)
{
    int64_t now = tp_clock_monotonic_ms(process->clock);
    tp_log(TP_LOG_WARN, "media.died", "pid=%d %s=%d", (int)process->pid,
           WIFSIGNALED(how) ? "signal" : "exit",
           WIFSIGNALED(how) ? WTERMSIG(how) : WEXITSTATUS(how));
    process->pid = 0;
    if (now - process->started_at >= TP_MEDIA_STEADY_MS)
        process->backoff_ms = TP_MEDIA_BACKOFF_FIRST_MS;
    process->start_not_before = now + process->backoff_ms;
    process->backoff_ms *= 2;
    if (process->backoff_ms > TP_MEDIA_BACKOFF_MOST_MS)
        process->backoff_ms = TP_MEDIA_BACKOFF_MOST_MS;
}

void tp_media_process_look_after(struct tp_media_process *process)
{
    if (process->program[0] == '\0')
        return;
    int how = 0;
    if (process->pid != 0 && waitpid(process->pid, &how, WNOHANG) == process->pid)
        note_death(process, how);
    if (process->pid == 0 && tp_clock_monotonic_ms(process->clock) >= process->start_not_before)
        start(process);
}

void tp_media_process_kill(struct tp_media_process *process)
{
    if (process->pid == 0)
        return;
    tp_log(TP_LOG_WARN, "media.killed", "pid=%d", (int)process->pid);
    kill(process->pid, SIGKILL);
}

void tp_media_process_end(struct tp_media_process *process, int64_t limit_ms)
{
    if (process->pid == 0)
        return;
    int64_t deadline = tp_clock_monotonic_ms(process->clock) + limit_ms;
    kill(process->pid, SIGTERM);
    while (waitpid(process->pid, NULL, WNOHANG) == 0) {
        if (tp_clock_monotonic_ms(process->clock) >= deadline) {
            kill(process->pid, SIGKILL);
            waitpid(process->pid, NULL, 0);
            break;
        }
        poll(NULL, 0, 10);
    }
    process->pid = 0;
}
