/* SPDX-License-Identifier: MPL-2.0 */
/*
 * peer_server.c - servers that a peer needs: started once, silent, killed
 * with the bench; only the process that started them ends them.
 */
#include "bench/peers/peer.h"

#include <arpa/inet.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SERVERS_MAX = 8, START_TRIES = 500, START_PAUSE_US = 10000 };

static pid_t servers[SERVERS_MAX];
static size_t count;
static char directory[] = "/tmp/troika-bench-XXXXXX";
static pid_t maker; /* of the directory; 0: there is none */

const char *
peer_directory (void)
{
    if (!maker) {
        bench_check (mkdtemp (directory) != NULL, "mkdtemp");
        maker = getpid ();
        bench_on_failure = peer_servers_end;
    }
    return directory;
}

static struct sockaddr_in
loopback (int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons ((uint16_t)port)};
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    return address;
}

int
peer_free_port (void)
{
    struct sockaddr_in address = loopback (0);
    socklen_t size = sizeof address;
    int fd = socket (AF_INET, SOCK_STREAM, 0);
    bench_check (fd >= 0 && !bind (fd, (struct sockaddr *)&address, size) &&
                     !getsockname (fd, (struct sockaddr *)&address, &size),
                 "a free port");
    close (fd);
    return ntohs (address.sin_port);
}

static bool
answers (int port)
{
    struct sockaddr_in address = loopback (port);
    int fd = socket (AF_INET, SOCK_STREAM, 0);
    bool ok = !connect (fd, (struct sockaddr *)&address, sizeof address);
    close (fd);
    return ok;
}

static bool
is_installed (const char *program)
{
    static const char *const folders[] = {"/usr/bin", "/usr/sbin",
                                          "/usr/local/bin"};
    char path[256];
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf (path, sizeof path, "%s/%s", folders[i], program);
        if (!access (path, X_OK))
            return true;
    }
    return false;
}

static void
become (char *const argv[])
{
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    bench_check (freopen ("/dev/null", "w", stdout) &&
                     freopen ("/dev/null", "w", stderr),
                 "/dev/null");
    setenv ("PATH", "/usr/local/bin:/usr/bin:/usr/sbin:/bin", 1);
    execvp (argv[0], argv);
    _exit (127);
}

bool
peer_server (char *const argv[], int port)
{
    if (!is_installed (argv[0]))
        return false;
    bench_check (count < SERVERS_MAX, "too many servers");
    fflush (NULL);
    pid_t pid = servers[count++] = fork ();
    bench_check (pid >= 0, "fork");
    if (pid == 0)
        become (argv);
    for (int i = 0; i < START_TRIES && !answers (port); i++) {
        bench_check (waitpid (pid, NULL, WNOHANG) == 0, argv[0]);
        usleep (START_PAUSE_US);
    }
    bench_check (answers (port), argv[0]);
    return true;
}

static int
remove_entry (const char *path, const struct stat *status, int kind,
              struct FTW *place)
{
    (void)status, (void)kind, (void)place;
    return remove (path);
}

void
peer_servers_end (void)
{
    if (maker != getpid ())
        return;
    for (; count > 0; count--) {
        kill (servers[count - 1], SIGKILL);
        waitpid (servers[count - 1], NULL, 0);
    }
    nftw (directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    maker = 0;
}
