// Which references of compiled classes lead somewhere: in Android 4.4, in the public API, and in what
// the shrinker left of the app itself.
//
// animal-sniffer's own checker leaves out annotated methods, but not the classes that Kotlin makes of
// lambdas in them, and does not know what is hidden; so of animal-sniffer this uses the signature files
// and their reader, and looks at the references itself.
//
// Run by xtask as a source file, with animal-sniffer and ASM in the class path. Prints one line for each
// fault and exits with 1 where there is one.

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.codehaus.mojo.animal_sniffer.Clazz;
import org.codehaus.mojo.animal_sniffer.SignatureChecker;
import org.objectweb.asm.AnnotationVisitor;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

public final class ApiCheck {
    private static final String GUARD = "Landroid/annotation/TargetApi;";

    /** What is known of a class of the app. */
    private static final class Node {
        String superName;
        String[] interfaces;
        boolean guarded;
        /** The class and, where there is one, the method (name and descriptor) around it. */
        String outer;
        String outerMethod;
        final Set<String> members = new HashSet<>();
        final Set<String> abstractMethods = new HashSet<>();
        /** Methods that can be overridden or can override. */
        final Set<String> virtual = new HashSet<>();
        final Set<String> guardedMethods = new HashSet<>();
        boolean isAbstract;
    }

    private final Map<String, Node> program = new TreeMap<>();
    private final Map<String, byte[]> checked = new TreeMap<>();
    private Map<String, Clazz> floor;
    private Map<String, Clazz> visible;
    /** Public API newer than `visible`, and whether it was used. */
    private final Map<String, Boolean> newer = new TreeMap<>();
    private String newerFile = "the list of newer calls";
    /** Calls that are replaced before the code is shipped. */
    private final Set<String> replaced = new HashSet<>();
    private final Set<String> faults = new TreeSet<>();
    private int references;
    private int guardedUses;

    public static void main(String[] words) throws IOException {
        ApiCheck check = new ApiCheck();
        List<Path> before = new ArrayList<>();
        for (int at = 0; at + 1 < words.length; at += 2) {
            String value = words[at + 1];
            switch (words[at]) {
                case "--floor" -> check.floor = signatures(value);
                case "--public" -> check.visible = signatures(value);
                case "--newer" -> check.readNewer(value);
                case "--known" -> check.read(Path.of(value), false);
                case "--classes" -> check.read(Path.of(value), true);
                case "--replaced" -> check.replaced.add(value);
                case "--before" -> before.add(Path.of(value));
                default -> throw new IllegalArgumentException(words[at]);
            }
        }
        for (Map.Entry<String, byte[]> entry : check.checked.entrySet()) {
            check.lookAt(entry.getKey(), entry.getValue());
        }
        check.unusedNewer();
        if (!before.isEmpty()) {
            check.compare(before);
        }
        check.faults.forEach(System.out::println);
        System.out.println(
                check.checked.size() + " classes, " + check.references + " references, "
                        + check.guardedUses + " of them to newer API in guarded functions");
        System.exit(check.faults.isEmpty() ? 0 : 1);
    }

    private static Map<String, Clazz> signatures(String file) throws IOException {
        try (InputStream in = new FileInputStream(file)) {
            return SignatureChecker.loadClasses(in);
        }
    }

    /** Lines `LEVEL CLASS.MEMBER`, as a fault names them; `#` begins a comment. */
    private void readNewer(String file) throws IOException {
        newerFile = new File(file).getName();
        if (!new File(file).isFile()) {
            return;
        }
        for (String line : Files.readAllLines(Path.of(file))) {
            String entry = line.replaceAll("#.*", "").strip();
            if (entry.isEmpty()) {
                continue;
            }
            String[] parts = entry.split("\\s+");
            if (parts.length == 2 && (parts[0].equals("34") || parts[0].equals("35"))) {
                newer.put(parts[1], false);
            } else {
                faults.add(newerFile + ": `" + line + "` is not `34 CLASS.MEMBER` or `35 CLASS.MEMBER`");
            }
        }
    }

    private void unusedNewer() {
        for (Map.Entry<String, Boolean> entry : newer.entrySet()) {
            if (!entry.getValue()) {
                faults.add(newerFile + ": nothing uses " + entry.getKey() + " any more");
            }
        }
    }

    private static void classesOf(Path path, ClassBytes to) throws IOException {
        if (Files.isDirectory(path)) {
            try (var files = Files.walk(path)) {
                for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                    if (file.toString().endsWith(".class")) {
                        to.take(Files.readAllBytes(file));
                    }
                }
            }
            return;
        }
        try (ZipFile zip = new ZipFile(path.toFile())) {
            Enumeration<? extends ZipEntry> entries = zip.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                String name = entry.getName();
                if (name.endsWith(".class") && !name.startsWith("META-INF/") && !name.endsWith("module-info.class")) {
                    try (InputStream in = zip.getInputStream(entry)) {
                        to.take(in.readAllBytes());
                    }
                }
            }
        }
    }

    private interface ClassBytes {
        void take(byte[] bytes) throws IOException;
    }

    private void read(Path path, boolean check) throws IOException {
        classesOf(path, bytes -> {
            String name = new ClassReader(bytes).getClassName();
            program.put(name, node(bytes));
            if (check) {
                checked.put(name, bytes);
            }
        });
    }

    private static Node node(byte[] bytes) {
        Node node = new Node();
        new ClassReader(bytes).accept(new ClassVisitor(Opcodes.ASM9) {
            private String name;

            @Override
            public void visit(int version, int access, String name, String signature, String superName, String[] interfaces) {
                this.name = name;
                node.superName = superName;
                node.interfaces = interfaces;
                node.isAbstract = (access & Opcodes.ACC_ABSTRACT) != 0;
            }

            @Override
            public AnnotationVisitor visitAnnotation(String descriptor, boolean visible) {
                node.guarded |= descriptor.equals(GUARD);
                return null;
            }

            @Override
            public void visitOuterClass(String owner, String method, String descriptor) {
                node.outer = owner;
                node.outerMethod = method == null ? null : method + descriptor;
            }

            @Override
            public void visitInnerClass(String inner, String outer, String innerName, int access) {
                if (inner.equals(name) && outer != null && node.outer == null) {
                    node.outer = outer;
                }
            }

            @Override
            public FieldVisitor visitField(int access, String name, String descriptor, String signature, Object value) {
                node.members.add(name + "#" + descriptor);
                return null;
            }

            @Override
            public MethodVisitor visitMethod(int access, String name, String descriptor, String signature, String[] exceptions) {
                String method = name + descriptor;
                node.members.add(method);
                if ((access & (Opcodes.ACC_STATIC | Opcodes.ACC_PRIVATE)) == 0 && !name.startsWith("<")) {
                    node.virtual.add(method);
                }
                if ((access & Opcodes.ACC_ABSTRACT) != 0) {
                    node.abstractMethods.add(method);
                }
                return new MethodVisitor(Opcodes.ASM9) {
                    @Override
                    public AnnotationVisitor visitAnnotation(String descriptor, boolean visible) {
                        if (descriptor.equals(GUARD)) {
                            node.guardedMethods.add(method);
                        }
                        return null;
                    }
                };
            }
        }, ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG);
        return node;
    }

    private void lookAt(String name, byte[] bytes) {
        Node node = program.get(name);
        new ClassReader(bytes).accept(new ClassVisitor(Opcodes.ASM9) {
            private String source = name;

            @Override
            public void visit(int version, int access, String self, String signature, String superName, String[] interfaces) {
                Use use = new Use(name, null);
                use.line = 0;
                use.type(superName);
                for (String one : interfaces) {
                    use.type(one);
                }
            }

            @Override
            public void visitSource(String file, String debug) {
                source = file;
            }

            @Override
            public MethodVisitor visitMethod(int access, String method, String descriptor, String signature, String[] exceptions) {
                Use use = new Use(name, method + descriptor);
                return new MethodVisitor(Opcodes.ASM9) {
                    @Override
                    public void visitLineNumber(int line, Label start) {
                        use.line = line;
                        use.source = source;
                    }

                    @Override
                    public void visitMethodInsn(int opcode, String owner, String called, String type, boolean isInterface) {
                        use.member(owner, called + type);
                    }

                    @Override
                    public void visitFieldInsn(int opcode, String owner, String field, String type) {
                        use.member(owner, field + "#" + type);
                    }

                    @Override
                    public void visitTypeInsn(int opcode, String type) {
                        use.type(type);
                    }

                    @Override
                    public void visitMultiANewArrayInsn(String type, int dimensions) {
                        use.type(type);
                    }

                    @Override
                    public void visitLdcInsn(Object value) {
                        if (value instanceof Type type) {
                            use.type(type.getInternalName());
                        }
                    }

                    @Override
                    public void visitInvokeDynamicInsn(String called, String type, Handle bootstrap, Object... arguments) {
                        use.fault("invokedynamic, which no Android before 8 has and dx does not take");
                    }

                    @Override
                    public void visitTryCatchBlock(Label start, Label end, Label handler, String type) {
                        if (type != null) {
                            use.caught(type);
                        }
                    }
                };
            }
        }, ClassReader.SKIP_FRAMES);
    }

    /** The references of one method, or of the head of a class. */
    private final class Use {
        private final String inClass;
        private final String inMethod;
        private final boolean guarded;
        private String source;
        private int line;

        Use(String inClass, String inMethod) {
            this.inClass = inClass;
            this.inMethod = inMethod;
            this.guarded = guards(inClass, inMethod);
        }

        void type(String type) {
            String plain = plain(type);
            if (plain != null) {
                refer(plain, plain, signatures -> known(plain, signatures));
            }
        }

        void member(String owner, String member) {
            if (owner.startsWith("[")) {
                return; // clone() and length, since ever
            }
            refer(owner, owner + "." + member, signatures -> has(owner, member, signatures));
        }

        /** Dalvik refuses a whole class for one catch block whose exceptions it does not know. */
        void caught(String type) {
            type(type);
            if (!program.containsKey(type) && !known(type, floor) && !guards(inClass, null)) {
                fault("catches " + shown(type) + ", which is newer than Android 4.4: Dalvik refuses the"
                        + " whole class for it; put the function into a class or object that is"
                        + " annotated @TargetApi itself");
            }
        }

        private void refer(String owner, String reference, Predicate<Map<String, Clazz>> found) {
            references++;
            if (replaced.contains(reference)) {
                return;
            }
            if (ours(owner) && !program.containsKey(owner)) {
                fault("refers to " + shown(reference) + ", which is not there");
                return;
            }
            boolean isPublic = found.test(visible);
            if (program.containsKey(owner) && !isPublic) {
                fault("refers to " + shown(reference) + ", which is not there");
                return;
            }
            if (!isPublic) {
                if (newer.containsKey(reference)) {
                    newer.put(reference, true);
                } else {
                    fault("uses " + shown(reference) + ", which is not in the public API up to level 33;"
                            + " if Android's reference has it from 34 or 35 on, it may stand in "
                            + newerFile
                            + " as `" + reference + "`");
                    return;
                }
            }
            if (!found.test(floor)) {
                if (guarded) {
                    guardedUses++;
                } else {
                    fault("uses " + shown(reference) + ", which Android 4.4 does not have; call it from a"
                            + " function annotated @TargetApi that runs only where SDK_INT allows it");
                }
            }
        }

        void fault(String what) {
            String method = inMethod == null ? "" : "." + inMethod.substring(0, inMethod.indexOf('('));
            String place = source == null ? "" : " (" + source + ":" + line + ")";
            faults.add(shown(inClass) + method + place + " " + what);
        }
    }

    private static boolean ours(String type) {
        return type.startsWith("org/portlog/") || type.startsWith("kotlin/");
    }

    /** The class at the bottom of an array type; null for numbers. */
    private static String plain(String type) {
        if (!type.startsWith("[")) {
            return type;
        }
        Type element = Type.getObjectType(type).getElementType();
        return element.getSort() == Type.OBJECT ? element.getInternalName() : null;
    }

    private boolean known(String type, Map<String, Clazz> signatures) {
        return program.containsKey(type) || signatures.containsKey(type);
    }

    private boolean has(String owner, String member, Map<String, Clazz> signatures) {
        Node node = program.get(owner);
        if (node != null) {
            if (node.members.contains(member)) {
                return true;
            }
            for (String one : node.interfaces) {
                if (has(one, member, signatures)) {
                    return true;
                }
            }
            return node.superName != null && has(node.superName, member, signatures);
        }
        Clazz clazz = signatures.get(owner);
        if (clazz == null) {
            return false;
        }
        if (clazz.getSignatures().contains(member)) {
            return true;
        }
        for (String one : clazz.getSuperInterfaces()) {
            if (has(one, member, signatures)) {
                return true;
            }
        }
        return clazz.getSuperClass() != null && has(clazz.getSuperClass(), member, signatures);
    }

    /** Whether a method, or all of a class where there is none, runs only on newer Androids. */
    private boolean guards(String type, String method) {
        Node node = program.get(type);
        if (node == null) {
            return false;
        }
        if (node.guarded) {
            return true;
        }
        if (method != null) {
            if (node.guardedMethods.contains(method)) {
                return true;
            }
            // What Kotlin makes beside a function: `f$default`, `access$f`, `f$lambda$0`, `f$local`.
            String name = method.substring(0, method.indexOf('('));
            for (String guarded : node.guardedMethods) {
                String of = guarded.substring(0, guarded.indexOf('('));
                if (name.startsWith(of + "$") || name.equals("access$" + of)) {
                    return true;
                }
            }
        }
        return node.outer != null && !node.outer.equals(type) && guards(node.outer, node.outerMethod);
    }

    /**
     * What the shrinker must not take from a class that it left: a method through which Android or Java
     * calls it. A missing one is an AbstractMethodError, or a callback that never comes.
     */
    private void compare(List<Path> paths) throws IOException {
        Map<String, Node> left = new HashMap<>(program);
        for (Path path : paths) {
            classesOf(path, bytes -> {
                String name = new ClassReader(bytes).getClassName();
                Node was = node(bytes);
                Node now = left.get(name);
                if (now == null || now.isAbstract || !left.get(name).members.stream().anyMatch(m -> m.startsWith("<init>"))) {
                    return;
                }
                for (String method : was.virtual) {
                    if (!now.members.contains(method) && fromOutside(was, method)) {
                        faults.add(shown(name) + " lost " + method
                                + ", through which it is called from outside, to the shrinker");
                    }
                }
            });
        }
    }

    private boolean fromOutside(Node node, String method) {
        List<String> above = new ArrayList<>();
        Collections.addAll(above, node.interfaces);
        if (node.superName != null) {
            above.add(node.superName);
        }
        for (String type : above) {
            Node ours = program.get(type);
            if (ours != null ? fromOutside(ours, method) : has(type, method, visible)) {
                return true;
            }
        }
        return false;
    }

    private static String shown(String reference) {
        int member = reference.indexOf('.');
        String type = member < 0 ? reference : reference.substring(0, member);
        return type.replace('/', '.') + (member < 0 ? "" : reference.substring(member));
    }
}
