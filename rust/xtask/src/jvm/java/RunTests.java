// Runs JUnit 4 tests: those of the folders of classes that it is given, each told as it ends.
//
// JUnit's own runner on the command line wants every class by name, prints dots, and cannot run some
// tests of a class. Run by xtask as a source file, with JUnit and the tests in the class path.
//
//   --folder DIR       tests are the classes in it that have them, in order of their names
//   --filter TEXT      only tests whose name (`package.Class.method[...]`) has it; repeatable
//   --in-place-of CLASS=OTHER  runs classes that name the one runner with the other

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.junit.runner.Description;
import org.junit.runner.JUnitCore;
import org.junit.runner.Request;
import org.junit.runner.Result;
import org.junit.runner.RunWith;
import org.junit.runner.Runner;
import org.junit.runner.manipulation.Filter;
import org.junit.runner.manipulation.NoTestsRemainException;
import org.junit.runner.manipulation.Filterable;
import org.junit.runner.notification.Failure;
import org.junit.runner.notification.RunListener;

public final class RunTests {
    private static final List<String> filters = new ArrayList<>();
    private static final Map<String, String> runners = new HashMap<>();
    private static int passed;
    private static int skipped;
    private static final List<String> failed = new ArrayList<>();

    public static void main(String[] words) throws Exception {
        List<Class<?>> classes = new ArrayList<>();
        for (int at = 0; at + 1 < words.length; at += 2) {
            String value = words[at + 1];
            switch (words[at]) {
                case "--folder" -> find(Path.of(value), classes);
                case "--filter" -> filters.add(value);
                case "--in-place-of" -> runners.put(value.split("=")[0], value.split("=")[1]);
                default -> throw new IllegalArgumentException(words[at]);
            }
        }
        long start = System.nanoTime();
        JUnitCore core = new JUnitCore();
        core.addListener(new Told());
        for (Class<?> type : classes) {
            Runner runner = runner(type);
            if (!filters.isEmpty()) {
                try {
                    ((Filterable) runner).filter(new ByName());
                } catch (NoTestsRemainException none) {
                    continue;
                }
            }
            core.run(runner);
        }
        String time = seconds(System.nanoTime() - start);
        if (passed + failed.size() == 0) {
            System.out.println("no test " + (filters.isEmpty() ? "was found" : "has " + filters + " in its name"));
            System.exit(1);
        }
        failed.forEach(name -> System.out.println("FAILED " + name));
        System.out.println(passed + " passed, " + failed.size() + " failed, " + skipped + " skipped in " + time);
        System.out.flush();
        System.exit(failed.isEmpty() ? 0 : 1); // whatever threads a failed test left behind
    }

    private static Runner runner(Class<?> type) throws Exception {
        RunWith with = type.getAnnotation(RunWith.class);
        String other = with == null ? null : runners.get(with.value().getName());
        if (other == null) {
            return Request.aClass(type).getRunner();
        }
        return (Runner) Class.forName(other).getConstructor(Class.class).newInstance(type);
    }

    private static void find(Path folder, List<Class<?>> found) throws Exception {
        List<String> names = new ArrayList<>();
        try (var files = Files.walk(folder)) {
            files.map(file -> folder.relativize(file).toString())
                    .filter(name -> name.endsWith("Test.class") && !name.contains("$"))
                    .sorted(Comparator.naturalOrder())
                    .forEach(name -> names.add(name.substring(0, name.length() - ".class".length()).replace('/', '.')));
        }
        for (String name : names) {
            Class<?> type = Class.forName(name, false, ClassLoader.getSystemClassLoader());
            if (!Modifier.isAbstract(type.getModifiers()) && hasTests(type)) {
                found.add(type);
            }
        }
    }

    private static boolean hasTests(Class<?> type) {
        for (Method method : type.getMethods()) {
            if (method.isAnnotationPresent(Test.class)) {
                return true;
            }
        }
        return type.isAnnotationPresent(RunWith.class);
    }

    private static String name(Description test) {
        return test.getClassName() + "." + test.getMethodName();
    }

    private static String seconds(long nanoseconds) {
        return String.format(java.util.Locale.ROOT, "%.2f s", nanoseconds / 1e9);
    }

    private static final class ByName extends Filter {
        @Override
        public boolean shouldRun(Description test) {
            if (test.isTest()) {
                return filters.stream().anyMatch(name(test)::contains);
            }
            return test.getChildren().stream().anyMatch(this::shouldRun);
        }

        @Override
        public String describe() {
            return "names with " + filters;
        }
    }

    private static final class Told extends RunListener {
        private final Map<Description, Long> started = new HashMap<>();
        private final Map<Description, Failure> failures = new HashMap<>();

        @Override
        public void testStarted(Description test) {
            started.put(test, System.nanoTime());
        }

        @Override
        public void testAssumptionFailure(Failure failure) {
            failures.put(failure.getDescription(), null);
            skipped++;
            System.out.println("skip " + name(failure.getDescription()) + ": " + failure.getMessage());
        }

        @Override
        public void testIgnored(Description test) {
            skipped++;
            System.out.println("skip " + name(test));
        }

        @Override
        public void testFailure(Failure failure) {
            failures.put(failure.getDescription(), failure);
            if (!failure.getDescription().isTest() || !started.containsKey(failure.getDescription())) {
                tell(failure, ""); // before any test of the class could start
            }
        }

        @Override
        public void testFinished(Description test) {
            String time = seconds(System.nanoTime() - started.getOrDefault(test, System.nanoTime()));
            if (!failures.containsKey(test)) {
                passed++;
                System.out.println("ok   " + name(test) + "  " + time);
            } else if (failures.get(test) != null) {
                tell(failures.get(test), "  " + time);
            }
        }

        private void tell(Failure failure, String time) {
            String name = failure.getDescription().isTest()
                    ? name(failure.getDescription())
                    : failure.getDescription().getDisplayName();
            failed.add(name);
            System.out.println("FAIL " + name + time);
            StringWriter trace = new StringWriter();
            failure.getException().printStackTrace(new PrintWriter(trace));
            trace.toString().lines()
                    .filter(line -> !line.matches("\\s+at (org\\.junit|org\\.robolectric|java\\.base|jdk\\.).*"))
                    .limit(60)
                    .forEach(line -> System.out.println("     " + line));
        }
    }
}
